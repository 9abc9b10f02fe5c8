import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { createPreference, type Endpoint, isLoopback, parseEndpoints } from '../../../lib/wechatpay/endpoints.ts'

describe('the list of domains', () => {
  const read: Record<string, string[]> = {
    'https://api.mch.weixin.qq.com,https://api2.mch.weixin.qq.com': [
      'https://api.mch.weixin.qq.com',
      'https://api2.mch.weixin.qq.com',
    ],
    ' https://a.example/ ,, https://b.example:8443 ,': ['https://a.example', 'https://b.example:8443'],
    'http://127.0.0.1:8080,http://localhost:1,http://[::1]:2': [
      'http://127.0.0.1:8080',
      'http://localhost:1',
      'http://[::1]:2',
    ],
    'HTTPS://API.MCH.WEIXIN.QQ.COM': ['https://api.mch.weixin.qq.com'],
  }
  for (const [list, origins] of Object.entries(read)) {
    test(`is read from ${list}`, () => {
      assert.deepEqual(
        parseEndpoints(list).map(({ origin }) => origin),
        origins,
      )
    })
  }

  test('is taken apart into what a connection needs', () => {
    const parts = parseEndpoints('https://a.example,http://[::1]:8080,http://127.0.0.1').map(
      ({ protocol, hostname, port }) => [protocol, hostname, port],
    )
    assert.deepEqual(parts, [
      ['https:', 'a.example', 443],
      ['http:', '::1', 8080],
      ['http:', '127.0.0.1', 80],
    ])
  })

  test('tells what leads to this machine and never out of it', () => {
    for (const hostname of ['localhost', '::1', '127.0.0.1', '127.10.200.3']) assert.ok(isLoopback({ hostname }))
    for (const hostname of ['a.localhost', '::2', '127.0.0', 'x127.0.0.1', '127.0.0.1.example', '10.127.0.0.1']) {
      assert.ok(!isLoopback({ hostname }), hostname)
    }
  })

  const refused: Record<string, RegExp> = {
    '': /no address/,
    ' , ': /no address/,
    'api.mch.weixin.qq.com': /address 1 cannot be read/,
    'https://a.example,not an address': /address 2 cannot be read/,
    'http://api.mch.weixin.qq.com': /https:\/\//,
    'http://127.0.0.1.example': /https:\/\//,
    'http://0.0.0.0': /https:\/\//,
    'ftp://127.0.0.1': /https:\/\//,
    'https://a.example/v3': /only/,
    'https://a.example?x=1': /only/,
    'https://a.example#x': /only/,
    'https://user@a.example': /only/,
    'https://:hush-hush@a.example': /only/,
    'http://user:hush-hush@a.example': /https:\/\//,
  }
  for (const [list, message] of Object.entries(refused)) {
    test(`is refused as ${JSON.stringify(list)}`, () => {
      assert.throws(
        () => parseEndpoints(list),
        (error: Error) => message.test(error.message) && !error.message.includes('hush-hush'),
      )
    })
  }

  test('whatever it is, it is read or refused with words', () => {
    const pieces = [
      'https://',
      'HTTP://',
      'ftp:',
      '127.0.0.1',
      'a.example',
      '[::1]',
      ':',
      '8443',
      '/',
      '@',
      '?',
      '#',
      ',',
      ' ',
    ]
    const list = fc
      .array(fc.oneof(fc.constantFrom(...pieces), fc.string({ maxLength: 3 })))
      .map((some) => some.join(''))
    fc.assert(
      fc.property(list, (list) => {
        try {
          for (const endpoint of parseEndpoints(list)) assert.ok(endpoint.protocol === 'https:' || isLoopback(endpoint))
        } catch (error) {
          assert.match((error as Error).message, /^no address|^address \d+ (cannot be read|must be)/)
        }
      }),
    )
  })
})

describe('which domain is asked first', () => {
  const endpoints = parseEndpoints('https://main.example,https://backup.example')
  const [main, backup] = endpoints as [Endpoint, Endpoint]
  const world = () => {
    const clock = { ms: 0 }
    return { clock, ...createPreference(endpoints, () => clock.ms) }
  }

  test('the main one, then the other', () => {
    assert.deepEqual(world().inOrder(), [main, backup])
  })

  test('the backup while the main one is down, which stays the second choice', () => {
    const { inOrder, failed } = world()
    failed(main)
    assert.deepEqual(inOrder(), [backup, main])
  })

  test('the main one again within 60 s, by one call at a time', () => {
    const { clock, inOrder, failed, answered } = world()
    failed(main)
    clock.ms = 59_999
    const calls = Array.from({ length: 20 }, () => inOrder()[0])
    assert.equal(calls.filter((first) => first === main).length, 1)
    answered(main)
    assert.deepEqual(inOrder(), [main, backup])
  })

  test('the main one when both are down', () => {
    const { inOrder, failed } = world()
    failed(main)
    failed(backup)
    assert.deepEqual(inOrder(), [main, backup])
  })

  test('whatever happened, every domain is in the list once, and one that answers is never passed over', () => {
    const event = fc.record({ at: fc.nat(120_000), endpoint: fc.constantFrom(main, backup), works: fc.boolean() })
    fc.assert(
      fc.property(fc.array(event), (events) => {
        const { clock, inOrder, failed, answered } = world()
        const isWorking = new Map([main, backup].map((endpoint) => [endpoint, true]))
        for (const { at, endpoint, works } of events) {
          clock.ms += at
          if (works) answered(endpoint)
          else failed(endpoint)
          isWorking.set(endpoint, works)
          const order = inOrder()
          assert.deepEqual(new Set(order), new Set(endpoints))
          assert.equal(order.length, 2)
          if (isWorking.get(main)) assert.equal(order[0], main)
        }
      }),
    )
  })
})
