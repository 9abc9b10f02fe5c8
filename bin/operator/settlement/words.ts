import { LANGUAGE } from '../../language/in-language.ts'
import { reasonInWords } from '../meanings.ts'
import { billTroubleInChinese } from './bill-words.zh-CN.ts'

/** Why a bill settles nothing, to a person. */
export const billTroubleInWords = (trouble: string): string =>
  LANGUAGE === 'zh-CN' ? billTroubleInChinese(trouble) : trouble

/** Why an order waits: what the table says, then each bill that is missing and why. */
export function whyInWords(why: string): string {
  if (LANGUAGE !== 'zh-CN') return why
  const [says = '', ...bills] = why.split(/; (?=\d{4}-\d\d-\d\d: )/)
  const troubles = bills.map((bill) => `${bill.slice(0, 10)}：${billTroubleInChinese(bill.slice(12))}`)
  return [reasonInWords(says), ...troubles].join('；')
}
