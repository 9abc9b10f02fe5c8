import { writeFile } from 'node:fs/promises'
import { inLanguage } from '../language/in-language.ts'
import { Failure } from './failure.ts'
import { pathOf } from './files.ts'

const text = inLanguage({
  en: {
    notWritten: (path: string, code: string) => `${path} could not be written (${code})`,
    lookAtFolder: 'Look at the folder.',
  },
  'zh-CN': {
    notWritten: (path, code) => `${path} 写不进去（${code}）`,
    lookAtFolder: '请检查所在的文件夹。',
  },
})

/** Keeps a result as JSON. It may hold a customer's openid, so its owner alone may read it. */
export async function keepResult(path: string, result: unknown): Promise<void> {
  const json = `${JSON.stringify(result, null, 2)}\n`
  await writeFile(pathOf(path), json, { mode: 0o600 }).catch((error: NodeJS.ErrnoException) => {
    throw new Failure(text.notWritten(path, String(error.code)), text.lookAtFolder)
  })
}

/** Prints named values below each other. */
export function printFields(fields: Readonly<Record<string, string | undefined>>): void {
  for (const [name, value] of Object.entries(fields)) {
    if (value !== undefined) console.log(`  ${name.padEnd(16)}${value}`)
  }
}
