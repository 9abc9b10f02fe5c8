import { basename } from 'node:path'
import { type Language, languageOf, OF_DEVELOPERS } from './language.ts'

/** A text; one that names something is a function of it. */
type Text = string | ((...given: never[]) => string)

interface Texts {
  readonly [name: string]: Text | Texts
}

/** The same texts, in any words. */
type Alike<T> = T extends string
  ? string
  : T extends (...given: infer Given) => string
    ? (...given: Given) => string
    : { readonly [Name in keyof T]: Alike<T[Name]> }

/** `T`, if it has no text the model does not have and leaves out nothing that one names; else never, where it differs. */
type Exactly<T, Model> = T extends (...given: infer Taken) => string
  ? Model extends (...given: infer Given) => string
    ? Taken['length'] extends Given['length']
      ? T
      : never
    : never
  : T extends string
    ? T
    : { readonly [Name in keyof T]: Name extends keyof Model ? Exactly<T[Name], Model[Name]> : never }

const [, script = '', ...args] = process.argv

/** True where English is the only language. */
export const IS_OF_DEVELOPERS = OF_DEVELOPERS.includes(basename(script, '.ts'))

/** The language of this process. */
export const LANGUAGE: Language = IS_OF_DEVELOPERS ? 'en' : languageOf(args, process.env)

/**
 * The texts of a command, or of a part of one, in the language of this process. The types hold both languages alike: a text
 * that is missing in Chinese, or names less there, does not compile.
 */
export function inLanguage<En extends Texts, Chinese extends NoInfer<Alike<En>>>(texts: {
  en: En
  'zh-CN': Chinese & Exactly<Chinese, NoInfer<En>>
}): Alike<En> {
  return texts[LANGUAGE] as Alike<En>
}
