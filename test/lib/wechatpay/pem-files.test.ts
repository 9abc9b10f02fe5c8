import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, test } from 'node:test'
import { readCertificate, readPrivateKey, readPublicKey, whatIs } from '../../../lib/wechatpay/pem.ts'
import { textOf } from '../../../lib/wechatpay/text.ts'
import { certificatePem, keys, PLATFORM_SERIAL, privatePem } from './keys-and-secrets.ts'

const { merchant } = keys

describe('files as other tools write them', () => {
  const folder = mkdtempSync(join(tmpdir(), 'keys-'))
  after(() => rmSync(folder, { recursive: true, force: true }))
  const at = (name: string) => join(folder, name)
  const make = (tool: string, ...args: string[]) => execFileSync(tool, args, { cwd: folder, stdio: 'pipe' })
  writeFileSync(at('key.pem'), privatePem(merchant))
  const own = certificatePem(merchant, PLATFORM_SERIAL)
  writeFileSync(at('cert.pem'), own)
  make('openssl', 'pkcs12', '-export', '-inkey', 'key.pem', '-in', 'cert.pem', '-out', 'both.p12', '-passout', 'pass:1')
  make('openssl', 'x509', '-in', 'cert.pem', '-outform', 'der', '-out', 'cert.der')
  make('openssl', 'pkcs8', '-topk8', '-in', 'key.pem', '-outform', 'der', '-nocrypt', '-out', 'key.der')
  make('openssl', 'pkcs8', '-topk8', '-in', 'key.pem', '-outform', 'der', '-passout', 'pass:1', '-out', 'locked.der')
  make('openssl', 'crl2pkcs7', '-nocrl', '-certfile', 'cert.pem', '-outform', 'der', '-out', 'cert.p7b')
  make('openssl', 'crl2pkcs7', '-nocrl', '-certfile', 'cert.pem', '-out', 'cert.p7')
  make('openssl', 'req', '-new', '-key', 'key.pem', '-subj', '/CN=1900000001', '-out', 'request.pem')
  make('openssl', 'genrsa', '-out', 'ssh', '2048')
  make('ssh-keygen', '-p', '-f', 'ssh', '-P', '', '-N', '')
  const ssh = readFileSync(at('ssh'), 'utf8').split('\n').slice(1, -2).join('')
  writeFileSync(at('ssh.bare'), Buffer.from(ssh, 'base64'))
  make('openssl', 'rsa', '-in', 'key.pem', '-pubout', '-out', 'public.pem')
  for (const name of ['key', 'cert']) {
    const text = readFileSync(at(`${name}.pem`), 'utf8').replaceAll('\n', '\r\n')
    writeFileSync(at(`${name}.le`), `\uFEFF${text}`, 'utf16le')
    writeFileSync(at(`${name}.be`), Buffer.from(`\uFEFF${text}`, 'utf16le').swap16())
    writeFileSync(at(`${name}.unmarked`), text, 'utf16le')
  }
  const read = (name: string) => textOf(readFileSync(at(name)))

  for (const form of ['pem', 'der', 'le', 'be', 'unmarked']) {
    test(`a key and a certificate in ${form}`, () => {
      assert.ok(readPrivateKey(read(`key.${form}`)).equals(merchant))
      assert.equal(readCertificate(read(`cert.${form}`)).serialNumber, PLATFORM_SERIAL)
    })
  }

  const others: [file: string, read: (text: string) => unknown, words: RegExp][] = [
    ['both.p12', readPrivateKey, /is a PKCS#12 file.*openssl pkcs12 -in apiclient_cert\.p12 -nocerts.*mchid.*-legacy/],
    ['both.p12', readCertificate, /is a PKCS#12 file.*openssl pkcs12 -in apiclient_cert\.p12 -clcerts/],
    ['both.p12', readPublicKey, /is a PKCS#12 file.*pub_key\.pem/],
    ['cert.p7b', readCertificate, /is a PKCS#7 file: .*openssl pkcs7/],
    ['cert.p7', readPublicKey, /is a PKCS#7 file: .*openssl pkcs7/],
    ['request.pem', readCertificate, /is a certificate request \(CSR\): .*商户API证书/],
    ['locked.der', readPrivateKey, /is a private key with a passphrase: .*openssl pkey/],
    ['ssh', readPrivateKey, /is a key in the form of OpenSSH: .*ssh-keygen -p/],
    ['key.pem', readCertificate, /is a private key: .*apiclient_cert\.pem/],
    ['public.pem', readCertificate, /is a public key: .*apiclient_cert\.pem/],
  ]
  for (const [name, reader, words] of others) {
    test(`${name}, where it does not belong, is named for ${reader.name}`, () => {
      assert.throws(() => reader(read(name)), words)
    })
  }

  test('a key of OpenSSH is known without its first and last line', () => {
    assert.equal(whatIs(readFileSync(at('ssh.bare')).toString('base64')), 'is a key in the form of OpenSSH')
  })

  for (const name of ['both.p12', 'cert.p7b', 'locked.der', 'ssh.bare']) {
    test(`what only contains ${name} is none`, () => {
      const within = Buffer.concat([Buffer.from([4, 0]), readFileSync(at(name))]).toString('base64')
      assert.equal(whatIs(within), undefined)
    })
  }

  test('the command named for a key of OpenSSH makes one that can be read', () => {
    make('ssh-keygen', '-p', '-P', '', '-N', '', '-m', 'PEM', '-f', 'ssh')
    assert.equal(readPrivateKey(read('ssh')).asymmetricKeyDetails?.modulusLength, 2048)
  })

  test('the commands named for PKCS#12 make a key and a certificate that can be read', () => {
    const from = ['pkcs12', '-in', 'both.p12', '-passin', 'pass:1']
    make('openssl', ...from, '-nocerts', '-nodes', '-out', 'made.key')
    make('openssl', ...from, '-clcerts', '-nokeys', '-out', 'made.cert')
    assert.ok(readPrivateKey(read('made.key')).equals(merchant))
    assert.equal(readCertificate(read('made.cert')).serialNumber, PLATFORM_SERIAL)
  })
})
