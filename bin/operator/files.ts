import { readFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { resolve } from 'node:path'
import { textOf } from '../../lib/wechatpay/text.ts'
import { inLanguage } from '../language/in-language.ts'
import { Failure } from './failure.ts'

const text = inLanguage({
  en: {
    isMissing: (path: string, code: string) => `${path} is not there (${code})`,
    isUnreadable: (path: string, code: string) => `${path} cannot be read (${code})`,
    giveOption: (option: string) => `Give the file with ${option} <file>.`,
    lookAtPath: 'Look at the path and its permissions: ls -l',
  },
  'zh-CN': {
    isMissing: (path, code) => `没有文件 ${path}（${code}）`,
    isUnreadable: (path, code) => `${path} 读不出来（${code}）`,
    giveOption: (option) => `请用 ${option} <file> 指出这个文件。`,
    lookAtPath: '请检查路径和权限：ls -l',
  },
})

/** A path as the person meant it: npm runs commands in the project's folder, wherever they were typed. */
export const pathOf = (path: string): string =>
  resolve(process.env.INIT_CWD ?? '.', path.replace(/^~(?=\/)/, homedir()))

/**
 * A file as text, whatever wrote it: UTF-16 is read as such, a binary key or certificate comes as base64.
 *
 * @param option how another file is named, where a default stands for it
 * @throws Failure that names it and says what to do
 */
export async function readText(path: string, option?: string): Promise<string> {
  const bytes = await readFile(pathOf(path)).catch((error: NodeJS.ErrnoException) => {
    const isElsewhere = error.code === 'ENOENT' && option !== undefined
    throw cannotRead(path, error, isElsewhere ? text.giveOption(option) : undefined)
  })
  return textOf(bytes)
}

/** Why a file cannot be read, in words. */
export function cannotRead(path: string, { code }: NodeJS.ErrnoException, next: string = text.lookAtPath): Failure {
  const why = code === 'ENOENT' ? text.isMissing : text.isUnreadable
  return new Failure(why(path, String(code)), next)
}
