import assert from 'node:assert/strict'
import { createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { isPlainPem, readCertificate, readPrivateKey, readPublicKey, whatIs } from '../../../lib/wechatpay/pem.ts'
import { certificatePem, keys, PLATFORM_SERIAL, privatePem, publicPem } from './keys-and-secrets.ts'

const lines = (pem: string) => pem.trim().split('\n')
const bare = (pem: string) => lines(pem).slice(1, -1).join('')

/** What happens to a PEM on its way into a secret; each may happen to what another made. */
const SHAPES: Record<string, (pem: string) => string> = {
  'as it is': (pem) => pem,
  'without the last line break': (pem) => pem.trimEnd(),
  'with CRLF': (pem) => pem.replaceAll('\n', '\r\n'),
  'with CR': (pem) => pem.replaceAll('\n', '\r'),
  'with literal \\n': (pem) => pem.replaceAll('\n', '\\n'),
  'with literal \\r\\n': (pem) => pem.replaceAll('\n', '\\r\\n'),
  'with doubled backslashes': (pem) => pem.replaceAll('\n', '\\\\n'),
  'with backslashes doubled twice': (pem) => pem.replaceAll('\n', '\\\\\\\\n'),
  'with spaces for line breaks': (pem) => pem.replaceAll('\n', ' '),
  'without any line breaks': (pem) => pem.replaceAll('\n', ''),
  'with blank lines between': (pem) => pem.replaceAll('\n', '\n\n'),
  'in double quotes': (pem) => `"${pem}"`,
  'in single quotes': (pem) => `'${pem}'`,
  'in escaped quotes': (pem) => `\\"${pem}\\"`,
  'as a JSON string': (pem) => JSON.stringify(pem),
  indented: (pem) => pem.replace(/^/gm, '    '),
  'with tabs and trailing spaces': (pem) => pem.replace(/^(.*)$/gm, '\t$1  '),
  'with no-break spaces': (pem) => pem.replace(/^/gm, '\u00A0'),
  'after a byte order mark': (pem) => `\uFEFF${pem}`,
  'with blank lines around': (pem) => `\n \n${pem}\n \n`,
}

/** Shapes that leave no BEGIN line to see; only the last of all that happens. */
const LAST: Record<string, (pem: string) => string> = {
  'with a NUL beside each character, as UTF-16 leaves it': (pem) => pem.replace(/./gs, '$&\0'),
  'base64 of the whole file': (pem) => Buffer.from(pem).toString('base64'),
  'base64 of the whole file in UTF-16': (pem) => Buffer.from(pem, 'utf16le').toString('base64'),
  'base64 of the whole file, in lines': (pem) => Buffer.from(pem).toString('base64').replace(/.{76}/g, '$&\n'),
  'base64 of the whole file, in the URL alphabet': (pem) => Buffer.from(pem).toString('base64url'),
  'base64 of the whole file, in quotes with literal \\n': (pem) =>
    `"${Buffer.from(pem).toString('base64').replace(/.{76}/g, '$&\\n')}"`,
}

/** Shapes of a whole file, before anything else happens to it. */
const BARE: Record<string, (pem: string) => string> = {
  'bare base64': bare,
  'bare base64 in lines': (pem) => lines(pem).slice(1, -1).join('\n'),
  'bare base64 with literal \\n': (pem) => lines(pem).slice(1, -1).join('\\n'),
  'bare base64 in quotes': (pem) => `"${bare(pem)}"`,
  'bare base64 in the URL alphabet': (pem) => Buffer.from(bare(pem), 'base64').toString('base64url'),
  'without its END line': (pem) => lines(pem).slice(0, -1).join('\n'),
}

const merchant = keys.merchant
const wechatPay = createPublicKey(keys.wechatPay)
const certificate = certificatePem(keys.platform, PLATFORM_SERIAL)

/** Text, how it is read, and the key that must come out. */
const FILES: Record<string, [pem: string, read: (text: string) => KeyObject, key: KeyObject]> = {
  'a private key, PKCS#8': [privatePem(merchant), readPrivateKey, merchant],
  'a private key, PKCS#1': [privatePem(merchant, 'pkcs1'), readPrivateKey, merchant],
  'a public key': [publicPem(keys.wechatPay), (text) => readPublicKey(text).key, wechatPay],
  'a public key, PKCS#1': [publicPem(keys.wechatPay, 'pkcs1'), (text) => readPublicKey(text).key, wechatPay],
  'a certificate': [certificate, (text) => readPublicKey(text).key, createPublicKey(keys.platform)],
}

for (const [title, [pem, read, key]] of Object.entries(FILES)) {
  describe(`${title} is read`, () => {
    for (const [shape, make] of Object.entries({ ...SHAPES, ...LAST, ...BARE })) {
      test(shape, () => assert.ok(read(make(pem)).equals(key)))
    }

    test('from a file with other things before and after it', () => {
      const noise = 'Bag Attributes\n    friendlyName: Tenpay Certificate\nKey Attributes: <No Attributes>\n'
      assert.ok(read(`${noise}${pem}\n# the end`).equals(key))
    })

    test('whatever happened to it on the way, in any order', () => {
      const some = fc.array(fc.constantFrom(...Object.keys(SHAPES)), { maxLength: 4 })
      const last = fc.constantFrom(undefined, ...Object.keys(LAST))
      fc.assert(
        fc.property(some, last, (shapes, end) => {
          const shaped = shapes.reduce((text, shape) => SHAPES[shape]!(text), pem)
          assert.ok(read(end === undefined ? shaped : LAST[end]!(shaped)).equals(key))
        }),
        { numRuns: 100 },
      )
    })
  })
}

test('a file that holds too many things is not read to its end', () => {
  const certificates = certificate.repeat(10)
  assert.throws(() => readPrivateKey(certificates + privatePem(merchant)), /is a certificate: /)
  assert.ok(readPrivateKey(certificate.repeat(9) + privatePem(merchant)).equals(merchant))
})

describe('a file that holds several things gives the one that is wanted', () => {
  const file = `${certificatePem(merchant, '51')}${privatePem(merchant)}${publicPem(keys.wechatPay)}`
  test('the private key', () => assert.ok(readPrivateKey(file).equals(merchant)))
  test('the certificate', () => {
    assert.equal(readCertificate(`${privatePem(merchant)}${certificate}`).serialNumber, PLATFORM_SERIAL)
  })
  test('the public key or the first certificate', () => {
    assert.ok(readPublicKey(`${privatePem(merchant)}${publicPem(keys.wechatPay)}`).key.equals(wechatPay))
    assert.ok(readPublicKey(`${privatePem(merchant)}${certificate}`).key.equals(createPublicKey(keys.platform)))
    assert.ok(
      readPublicKey(`${certificate}${certificatePem(keys.stranger, '52')}`).key.equals(createPublicKey(keys.platform)),
    )
  })
})

test('a certificate tells its serial as WeChat Pay writes it', () => {
  for (const text of [certificate, bare(certificate), certificate.replaceAll('\n', '\\n')]) {
    assert.equal(readPublicKey(text).certificate!.serialNumber, PLATFORM_SERIAL)
    assert.equal(readCertificate(text).serialNumber, PLATFORM_SERIAL)
  }
  assert.equal(readPublicKey(publicPem(keys.wechatPay)).certificate, undefined)
})

const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' })
const pss = generateKeyPairSync('rsa-pss', { modulusLength: 2048 })
const small = generateKeyPairSync('rsa', { modulusLength: 512 })
const exported = (key: KeyObject) =>
  key.export({ type: key.type === 'private' ? 'pkcs8' : 'spki', format: 'pem' }) as string
const encrypted = (type: 'pkcs1' | 'pkcs8') =>
  merchant.export({ type, format: 'pem', cipher: 'aes-256-cbc', passphrase: 'x' }) as string
const cut = (pem: string) => [...lines(pem).slice(0, 5), lines(pem).at(-1)].join('\n')

describe('refused, with words that say what to do', () => {
  const refusals: Record<string, [read: (text: string) => unknown, text: string, words: RegExp]> = {
    'nothing for a private key': [readPrivateKey, ' \n', /^is empty: put the whole content of the file here$/],
    'quotes alone': [readPrivateKey, '""', /is empty/],
    'a public key for the private one': [readPrivateKey, publicPem(merchant), /is a public key: .*apiclient_key\.pem/],
    'a bare public key for the private one': [
      readPrivateKey,
      bare(publicPem(merchant)),
      /is a public key: .*apiclient_key\.pem/,
    ],
    'a certificate for the private key': [readPrivateKey, certificate, /is a certificate: .*not apiclient_cert\.pem/],
    'a bare certificate for the private key': [
      readPrivateKey,
      bare(certificate),
      /is a certificate: .*not apiclient_cert\.pem/,
    ],
    'a private key with a passphrase, PKCS#8': [readPrivateKey, encrypted('pkcs8'), /passphrase/],
    'a private key with a passphrase, PKCS#1': [readPrivateKey, encrypted('pkcs1'), /passphrase/],
    'the same in one line': [readPrivateKey, encrypted('pkcs1').replaceAll('\n', ' '), /passphrase/],
    'the same with literal \\n': [readPrivateKey, encrypted('pkcs1').replaceAll('\n', '\\n'), /passphrase/],
    'half a private key': [
      readPrivateKey,
      cut(privatePem(merchant)),
      /^is no private key that can be read: .*whole content of apiclient_key\.pem/,
    ],
    'a name of a file': [readPrivateKey, '/etc/keys/apiclient_key.pem', /whole content of apiclient_key\.pem/],
    'a key for APIv2': [readPrivateKey, '192006250b4c09247ec02edce69f6a2d', /whole content of apiclient_key\.pem/],
    'an EC private key': [
      readPrivateKey,
      exported(ec.privateKey),
      /^is a key of type ec: WeChat Pay uses RSA; use the key that the merchant platform shows or makes$/,
    ],
    'an EC private key, SEC1': [
      readPrivateKey,
      ec.privateKey.export({ type: 'sec1', format: 'pem' }) as string,
      /^is a key of type ec: /,
    ],
    'an RSA-PSS private key': [readPrivateKey, exported(pss.privateKey), /type rsa-pss.*RSA/],
    'a private key too short to sign with': [
      readPrivateKey,
      exported(small.privateKey),
      /^has only 512 bits: .* 2048; use the key/,
    ],
    'nothing for a public key': [readPublicKey, '', /is empty/],
    'a private key for the public one': [readPublicKey, privatePem(merchant), /is a private key: .*pub_key\.pem/],
    'a bare private key for the public one': [
      readPublicKey,
      bare(privatePem(merchant)),
      /is a private key: .*pub_key\.pem/,
    ],
    'a bare PKCS#1 private key for the public one': [
      readPublicKey,
      bare(privatePem(merchant, 'pkcs1')),
      /is a private key: .*pub_key\.pem/,
    ],
    'an encrypted private key for the public one': [
      readPublicKey,
      encrypted('pkcs8'),
      /is a private key with a passphrase: .*pub_key\.pem/,
    ],
    'half a public key': [
      readPublicKey,
      cut(publicPem(keys.wechatPay)),
      /^is no public key that can be read: .*whole content of pub_key\.pem/,
    ],
    'a key of OpenSSH, as its public file has it': [
      readPublicKey,
      'ssh-rsa AAAAB3NzaC1yc2E shop',
      /^is a key in the form of OpenSSH: /,
    ],
    'the same, indented, of another type': [
      readPublicKey,
      '\n  ssh-ed25519 AAAAC3NzaC1 shop',
      /^is a key in the form of OpenSSH: /,
    ],
    'a list of such keys': [readPublicKey, 'shop ssh-rsa AAAAB3NzaC1yc2E', /^is no public key that can be read: /],
    'half a certificate': [readPublicKey, cut(certificate), /certificate that cannot be read/],
    'an EC public key': [readPublicKey, exported(ec.publicKey), /type ec.*RSA/],
    'a public key too short to trust': [readPublicKey, exported(small.publicKey), /512 bits/],
    words: [readPublicKey, 'ask Peter', /whole content of pub_key\.pem/],
  }
  for (const [title, [read, text, words]] of Object.entries(refusals)) {
    test(title, () => {
      const piece = text.replace(/-----.*?-----|\s/g, '').slice(40, 60)
      assert.throws(
        () => read(text),
        ({ message, cause }: Error) =>
          words.test(message) && cause === undefined && !(piece && message.includes(piece)),
      )
    })
  }
})

test('a file says what it is, where no key is wanted', () => {
  const files: [text: string, what: string | undefined][] = [
    [privatePem(merchant), 'is a private key'],
    [bare(publicPem(merchant)), 'is a public key'],
    [certificate, 'is a certificate'],
    [cut(certificate), 'is a certificate that cannot be read'],
    ['{}', undefined],
  ]
  for (const [text, what] of files) assert.equal(whatIs(text), what)
})

test('only a file with its line breaks is plain PEM', () => {
  const pem = privatePem(merchant, 'pkcs1')
  for (const text of [pem, pem.replaceAll('\n', '\r\n')]) assert.ok(isPlainPem(text))
  for (const text of [` ${pem}`, pem.replaceAll('\n', ''), pem.replaceAll('\n', '\\n'), bare(pem)]) {
    assert.ok(!isPlainPem(text))
  }
})
