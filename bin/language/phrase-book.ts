const PLAIN = /[.*+?^$()[\]\\|]/g

/**
 * Chinese for sentences that `lib` says in English alone, as they stand in logs too. `{}` stands for a name, which stays as it is
 * unless it is a sentence of the book itself.
 *
 * @returns undefined for words that are not in the book
 */
export function createPhraseBook(words: Readonly<Record<string, string>>): (said: string) => string | undefined {
  const book = new Map(Object.entries(words))
  const patterns = [...book]
    .filter(([english]) => english.includes('{}'))
    .map(([english, chinese]) => ({
      pattern: RegExp(`^${english.replace(PLAIN, '\\$&').replaceAll('{}', '(.+?)')}$`),
      chinese,
    }))
  const inChinese = (name: string) => book.get(name) ?? name

  return (said) => {
    if (book.has(said)) return book.get(said)
    for (const { pattern, chinese } of patterns) {
      const [found, ...names] = pattern.exec(said) ?? []
      if (found !== undefined) return chinese.replaceAll('{}', () => inChinese(names.shift()!))
    }
    return undefined
  }
}
