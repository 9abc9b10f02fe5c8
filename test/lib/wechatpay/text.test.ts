import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { textOf } from '../../../lib/wechatpay/text.ts'

describe('the text of a file', () => {
  const utf16be = (text: string) => Buffer.from(text, 'utf16le').swap16()
  const files: [title: string, bytes: Uint8Array, text: string][] = [
    ['UTF-8', Buffer.from('{é}'), '{é}'],
    ['UTF-8 with a mark', Buffer.from('\uFEFF{}'), '{}'],
    ['nothing', Buffer.of(), ''],
    ['UTF-16, little end first', Buffer.from('{}', 'utf16le'), '{}'],
    ['UTF-16, little end first, with a mark', Buffer.from('\uFEFF微信', 'utf16le'), '微信'],
    ['UTF-16, big end first', utf16be('{}'), '{}'],
    ['UTF-16, big end first, with a mark', utf16be('\uFEFF微信'), '微信'],
    ['bytes that only begin as a mark', Buffer.of(0xff, 0x7b, 0x7d), '\uFFFD{}'],
    ['or only end as one', Buffer.of(0x7b, 0xfe, 0x7d), '{\uFFFD}'],
    ['the same, the other way round', Buffer.of(0xfe, 0x7b, 0x7d), '\uFFFD{}'],
    ['and', Buffer.of(0x7b, 0xff, 0x7d), '{\uFFFD}'],
    ['two NULs', Buffer.of(0, 0, 0x7b), '\0\0{'],
    ['a number', Buffer.from('01'), '01'],
  ]
  for (const [title, bytes, text] of files) test(`in ${title}`, () => assert.equal(textOf(bytes), text))

  const lengths: [length: number, isDer: boolean][] = [
    [0x7f, false],
    [0x80, true],
    [0x84, true],
    [0x85, false],
  ]
  for (const [length, isDer] of lengths) {
    test(`in DER is base64, with a length of ${length.toString(16)}: ${isDer}`, () => {
      const bytes = Buffer.of(0x30, length, 1, 2)
      assert.equal(textOf(bytes) === bytes.toString('base64'), isDer)
    })
  }

  test('in DER begins with a SEQUENCE', () => assert.equal(textOf(Buffer.of(0x31, 0x82)), '1\uFFFD'))
})
