import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { isSameId, readKeyId, readSerial, showId, spellingsOf } from '../../../lib/wechatpay/serial.ts'

const LONG = '5157F09EFDC096DE15EBE81A47057A7232F1B8E1'

describe('a serial number', () => {
  const read: [written: string, serial: string][] = [
    ['5157f0', '5157F0'],
    ['  5157F0\n', '5157F0'],
    ['\u200E5157\u200BF0\uFEFF', '5157F0'],
    ['157F0', '0157F0'],
    ['0X5157F0', '5157F0'],
    ['51:57:f0', '5157F0'],
    ['51-57-f0', '5157F0'],
    ['5157 f09e aa', '5157F09EAA'],
    ['[ 5157 f09e ]', '5157F09E'],
    ['"5157F0"', '5157F0'],
    ["'5157F0 '", '5157F0'],
    ['serial=5157F0', '5157F0'],
    [' serial=5157F0', '5157F0'],
    ['"serial=5157F0"', '5157F0'],
    ["'Serial : 51:57:F0", '5157F0'],
    ['Serial Number: "5157F0"', '5157F0'],
    ['serial_no = 5157F0', '5157F0'],
    ['SerialNumber:5157F0', '5157F0'],
    ['序列号：5157F0', '5157F0'],
    [LONG, LONG],
    [`00${LONG}`, LONG],
    [`${'0'.repeat(24)}${LONG}`, LONG],
    [`0${'1'.repeat(40)}`, '1'.repeat(40)],
    [BigInt(`0x${LONG}`).toString(), LONG],
    [`1${'0'.repeat(45)}`, (10n ** 45n).toString(16).toUpperCase()],
  ]
  for (const [written, serial] of read) {
    test(`is read from ${JSON.stringify(written)}`, () => assert.equal(readSerial(written), serial))
  }

  const others = [
    '',
    '0x',
    'PUB_KEY_ID_01',
    'words 51:57:F0',
    '51:57:F0 words',
    '5:57:F0',
    '51:57:F',
    '515:57',
    '51:575',
    '51::57',
    '51"57',
    '51 [57',
    '51] 57',
    '510x57',
    '51serial=57',
    `1${LONG}`,
    `10${LONG}`,
    `${'0'.repeat(25)}${LONG}`,
    `a${'1'.repeat(41)}`,
    `${'1'.repeat(41)}a`,
    '9'.repeat(49),
  ]
  for (const text of others) {
    test(`is not guessed from ${JSON.stringify(text)}`, () => assert.equal(readSerial(text), undefined))
  }
})

describe('the name of a key of WeChat Pay’s', () => {
  const read: [written: string, id: string][] = [
    [' pub_key_id_01\n', 'PUB_KEY_ID_01'],
    ['\u200EPUB_KEY_\u200BID_01', 'PUB_KEY_ID_01'],
    ['serial=5157f0', '5157F0'],
    ['our_pub_key_id_1', 'our_pub_key_id_1'],
    ['Key_1', 'Key_1'],
    ['z'.repeat(64), 'z'.repeat(64)],
  ]
  for (const [written, id] of read) {
    test(`is read from ${JSON.stringify(written)}`, () => assert.equal(readKeyId(written), id))
  }

  for (const text of ['', 'a key', '1 PUB_KEY_ID_1', 'PUB_KEY_ID_1 x', '$key', 'key$', 'z'.repeat(65)]) {
    test(`is refused as ${JSON.stringify(text)}`, () => {
      assert.throws(() => readKeyId(text), {
        what: 'must be letters and digits only',
        fix: /the id .* that stands beside the key: PUB_KEY_ID_…/,
      })
    })
  }
})

test('an answer may write a serial with or without the zeros it begins with, and any other name in one way', () => {
  const padded = (bare: string) => bare.padStart(40, '0')
  assert.deepEqual(new Set(spellingsOf('00abc')), new Set(['00ABC', 'ABC', '0ABC', padded('ABC')]))
  assert.deepEqual(new Set(spellingsOf('abcd')), new Set(['ABCD', padded('ABCD')]))
  assert.deepEqual(spellingsOf('00'), ['00', '0', padded('')])
  assert.deepEqual(spellingsOf(LONG), [LONG])
  for (const name of ['PUB_KEY_ID_0A', 'ABC_1', '0_A']) assert.deepEqual(spellingsOf(name), [name])
})

test('two names are of one key however each is written', () => {
  const same: [string, string][] = [
    ['00AB', 'ab'],
    ['AB', '0x00AB'],
    [LONG.slice(2), `00${LONG.slice(2)}`],
    ['0', '00'],
    [LONG, BigInt(`0x${LONG}`).toString()],
    [' pub_key_id_1', 'PUB_KEY_ID_1 '],
  ]
  const other: [string, string][] = [
    ['AB', 'AB00'],
    ['AB', 'PUB_KEY_ID_AB'],
    ['PUB_KEY_ID_1', 'PUB_KEY_ID_01'],
  ]
  for (const [one, another] of same) {
    assert.ok(isSameId(one, another), `${one} ${another}`)
    assert.ok(isSameId(another, one), `${another} ${one}`)
  }
  for (const [one, another] of other) assert.ok(!isSameId(one, another), `${one} ${another}`)
})

test('only what is an id or a serial for certain is shown', () => {
  for (const id of ['PUB_KEY_ID_01', 'pub_key_id_01', LONG, LONG.toLowerCase(), LONG.slice(4)]) {
    assert.equal(showId(id), id)
  }
  const hidden = [
    'A',
    LONG.slice(5),
    `${LONG}0`,
    `${LONG} x`,
    `x${LONG}`,
    'a PUB_KEY_ID_1',
    'PUB_KEY_ID_1 x',
    'z'.repeat(40),
  ]
  for (const id of hidden) assert.equal(showId(id), 'what stands there')
})
