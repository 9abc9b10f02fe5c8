import assert from 'node:assert/strict'
import { once } from 'node:events'
import { Agent } from 'node:http'
import { connect } from 'node:net'
import { after, describe, test } from 'node:test'
import { createCertificate } from '../../../../infra/local/wechatpay/certificate.ts'
import { generatePrivateKey, randomSerial } from '../../../../infra/local/wechatpay/keys.ts'
import { startSimulator } from '../../../../infra/local/wechatpay/server.ts'
import { createSimulator } from '../../../../infra/local/wechatpay/simulator.ts'
import { exchange } from './exchange.ts'
import { queryRequest } from './signed-request.ts'

const privateKey = generatePrivateKey()

async function world(options = {}) {
  const running = await startSimulator({}, options)
  after(() => running.close())
  const merchant = running.simulator.openMerchant({ privateKey })
  running.simulator.placeOrder({ ...merchant, out_trade_no: 'A*1' }, 'SUCCESS')
  const [main, backup] = running.endpoints
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  after(() => agent.destroy())
  // Long enough for any answer on a busy machine; who waits for none says how long.
  const ask = async (base = main, ca?: string, timeoutMs = 10_000) => {
    const patience = { timeoutMs, ...(ca ? { ca } : { agent }) }
    const got = await exchange(base, queryRequest(merchant, 'A*1', Date.now()), patience)
    return got.kind === 'answer' ? got.status : got.because
  }
  return { running, merchant, agent, main, backup, ask }
}

describe('two domains on the same books', () => {
  test('both answer, and their counts stand apart', async () => {
    const { running, main, backup, ask } = await world()
    assert.deepEqual([await ask(main), await ask(main), await ask(backup)], [200, 200, 200])
    assert.deepEqual(running.domains.main.counts(), { connections: 1, requests: 2 })
    assert.deepEqual(running.domains.backup.counts(), { connections: 1, requests: 1 })
    assert.deepEqual(
      running.simulator.log().map(({ host }) => host),
      ['main', 'main', 'backup'],
    )
  })

  test('a domain that refuses is back on the same port afterwards, and the other one never notices', async () => {
    const { running, main, backup, ask } = await world()
    await ask()
    await running.domains.main.set('refuse')
    assert.match(String(await ask(main)), /ECONNREFUSED|ECONNRESET/)
    assert.equal(await ask(main), 'ECONNREFUSED')
    assert.equal(await ask(backup), 200)
    await running.domains.main.set('up')
    assert.equal(await ask(main), 200)
  })

  test('a black hole takes connections and says nothing, on old ones too, until it is lifted', async () => {
    const { running, ask } = await world()
    assert.equal(await ask(), 200)
    await running.domains.main.set('black-hole')
    assert.equal(await ask(undefined, undefined, 250), 'timeout')
    assert.equal(await ask(undefined, undefined, 250), 'timeout')
    await running.domains.main.set('up')
    assert.equal(await ask(), 200)
  })

  test('open connections can be dropped without a word', async () => {
    const { running, ask } = await world()
    assert.equal(await ask(), 200)
    running.domains.main.dropConnections()
    assert.match(String(await ask()), /200|ECONNRESET/)
    assert.equal(await ask(), 200)
    assert.equal(running.domains.main.counts().connections, 2)
  })

  test('idle connections are closed after the time-out, and not before', async () => {
    const { running, agent, ask } = await world({ idleTimeoutMs: 200 })
    await ask()
    await ask()
    assert.equal(running.domains.main.counts().connections, 1)
    const [idle] = Object.values(agent.freeSockets).flat()
    await once(idle!, 'close')
    await ask()
    assert.equal(running.domains.main.counts().connections, 2)
  })

  for (const fault of ['slow', 'drip']) {
    test(`a request that comes while the answer before it is on its way is answered after it (${fault})`, async () => {
      const { running, merchant, main } = await world()
      running.simulator.faults.add({ fault, times: 1, ms: 1 })
      const { hostname, port } = new URL(main)
      const socket = connect(Number(port), hostname).setEncoding('utf8')
      for (let count = 0; count < 2; count++) {
        const { target, headers } = queryRequest(merchant, 'A*1', Date.now())
        const lines = [...headers, ['Host', hostname]].map((header) => header.join(': '))
        socket.write([`GET ${target} HTTP/1.1`, ...lines, '', ''].join('\r\n'))
      }
      let heard = ''
      for await (const chunk of socket) {
        heard += chunk
        if (heard.match(/"trade_state":"SUCCESS"/g)?.length === 2) break
      }
      assert.deepEqual(heard.match(/HTTP\/1.1 \d+/g), ['HTTP/1.1 200', 'HTTP/1.1 200'])
    })
  }

  test('a fault can be planned for one domain alone', async () => {
    const { running, main, backup, ask } = await world()
    running.simulator.faults.add({ fault: 'bad-gateway-page', host: 'main', times: 'always' })
    assert.deepEqual([await ask(backup), await ask(main), await ask(backup)], [200, 502, 200])
  })

  test('TLS is spoken with the key and certificate passed in', async () => {
    const cert = createCertificate({ privateKey, serial: randomSerial() })
    const key = privateKey.export({ type: 'pkcs8', format: 'pem' }) as string
    const { running, main, ask } = await world({ tls: { key, cert } })
    assert.match(main, /^https:/)
    assert.equal(await ask(main, cert), 200)
    assert.equal(
      await ask(main, createCertificate({ privateKey: generatePrivateKey(), serial: '01' })),
      'DEPTH_ZERO_SELF_SIGNED_CERT',
    )
    await running.domains.main.set('black-hole')
    assert.equal(await ask(main, cert, 250), 'timeout')
  })
})

test('a simulator made before can be started', async () => {
  const simulator = createSimulator()
  const running = await startSimulator(simulator)
  after(() => running.close())
  assert.equal(running.simulator, simulator)
})
