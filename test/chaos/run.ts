import { availableParallelism } from 'node:os'
import { setTimeout as sleep } from 'node:timers/promises'
import { AwsClient } from 'aws4fetch'
import { packagedTemplate } from '../../bin/deployment/packaged.ts'
import type { Template } from '../../infra/local/cloudformation.ts'
import { shareClock } from '../../infra/local/shared-clock.ts'
import { type LocalStack, startLocalStack } from '../../infra/local/stack.ts'
import { generatePrivateKey, randomSerial } from '../../infra/local/wechatpay/keys.ts'
import type { MerchantWithKeys } from '../../infra/local/wechatpay/merchants.ts'
import type { RunningSimulator } from '../../infra/local/wechatpay/running.ts'
import { startSimulator } from '../../infra/local/wechatpay/server.ts'
import { type Player, stage } from './cast.ts'
import { createLedger, type Findings } from './ledger.ts'
import { createTrouble } from './trouble.ts'

export interface ChaosOptions {
  orders: number
  /** Share of all answers. */
  faulty: number
  troubleMs: number
  random: () => number
  tell: (what: string) => void
}

export interface ChaosReport extends Findings {
  answers: number
  faultyAnswers: number
  killed: number
  seconds: number
}

/** One try at WeChat Pay: short, so that silence costs the run little. */
const TIMEOUT_MS = 400

/** Every second each environment has this chance to be killed, in the middle of whatever it does. */
const KILL_EVERY_MS = 1_000
const KILLED_SHARE = 0.1

/** The trouble goes on until so many of the orders are final, but not for ever. */
const FINAL_BEFORE_HEALING = 0.75
const LONGEST_TROUBLE = 5

/** Fewer answers than this, on a slow machine, would be no attack yet. However many orders there are: the trouble must end. */
const LEAST_ANSWERS = 112

const VISIBILITY_SECONDS = 10

/** Each has a pace of its own at WeChat Pay: more orders need more merchants, not more time. */
const MERCHANTS = 10

/** Environments of one function. More than the machine can run would only wait for each other, past every time-out. */
const CONCURRENCY = 4 * availableParallelism()

/** Everything must be final this long after the healing: the back-off of an order a few minutes old is within it. */
const HEALING_MS = 240_000

/** What a bill tells of a reversed payment can be late by three days. */
const NIGHTS = 4

const DAY_MS = 86_400_000

/** From a moment to the next noon in China, when the bills of the day before are there. */
const untilNoonInChina = (nowMs: number) => DAY_MS - ((nowMs - 4 * 3_600_000) % DAY_MS)

/** How the orders come in: of a hundred so many over HTTP and as executions, the rest on the queue. */
const BY_HTTP = 0.1
const BY_STEP = 0.1

/** Of a hundred messages so many are sent twice. */
const TWICE = 0.05

/** Runs the attack and compares the books. */
export async function runChaos({ orders, faulty, troubleMs, random, tell }: ChaosOptions): Promise<ChaosReport> {
  const startedAt = performance.now()
  const template = small(await packagedTemplate(tell))
  // The harder guess: what is reversed does not tell whether it had been paid, and only the bill does.
  const running = await startSimulator({ options: { transactionIdAfterReverse: false } })
  const { simulator } = running
  const merchants = Array.from({ length: MERCHANTS }, () => simulator.openMerchant())
  const clock = shareClock(simulator.clock)
  const stack = await startLocalStack({
    template,
    clock,
    merchants: merchants.map(({ secret }) => secret),
    wechatPayEndpoints: running.endpoints,
    environment: { WECHATPAY_TIMEOUT_MS: String(TIMEOUT_MS), POWERTOOLS_LOG_LEVEL: 'ERROR' },
    waitSeconds: 1,
    retrySeconds: 1,
  })

  const players = stage(simulator, merchants, orders, random)
  const trouble = createTrouble(faulty, random)
  simulator.faults.choosing.choose = trouble.choose
  const ledger = createLedger(players)

  tell(`sending ${orders} orders, ${Math.round(faulty * 100)} % of all answers faulty for ${troubleMs / 1000} s`)
  const sending = sendAll(stack, players, ledger, random)
  const disturbance = disturb(stack, running, { merchants, troubleMs, random, tell })
  await disturbance.done
  const healAt = Date.now() + (LONGEST_TROUBLE - 1) * troubleMs
  const isMostlyFinal = async () =>
    (await look(stack, running, ledger)).unfinished <= orders * (1 - FINAL_BEFORE_HEALING)
  const isAttacked = () => trouble.counts.answers >= LEAST_ANSWERS
  while (!isAttacked() || (Date.now() < healAt && !(await isMostlyFinal()))) await sleep(1_000)
  trouble.heal()
  const killed = disturbance.end()
  tell('healed: waiting until every order is final')
  await Promise.all(await sending)

  const giveUpAt = Date.now() + HEALING_MS
  let findings = await look(stack, running, ledger)
  while (findings.unfinished > 0 && Date.now() < giveUpAt) {
    await sleep(2_000)
    findings = await look(stack, running, ledger)
    if (findings.unfinished > 0) tell(`${findings.unfinished} of ${orders} not final yet`)
  }
  tell('the nights after: every open outcome is settled by its bill')
  for (let night = 0; night < NIGHTS && findings.unsettled.length > 0; night++) {
    clock.forward(untilNoonInChina(clock.now()))
    await stack.runSchedules()
    findings = await look(stack, running, ledger)
  }
  await stack.close()
  await running.close()
  clock.close()
  const { answers, faulty: faultyAnswers } = trouble.counts
  return { ...findings, answers, faultyAnswers, killed, seconds: Math.round((performance.now() - startedAt) / 1000) }
}

/**
 * The template for one machine: with the environments it can run, and with a short visibility time-out. What a killed
 * function held comes again after that: minutes, in the template. Here it is shorter than the function's own time-out, so
 * that messages also come a second time while the first is still at work.
 */
function small(template: Template): Template {
  const copy = structuredClone(template)
  for (const { Type, Properties } of Object.values(copy.Resources)) {
    if (Type === 'AWS::SQS::Queue') Properties.VisibilityTimeout = VISIBILITY_SECONDS
    if (Type === 'AWS::Lambda::Function') Properties.ReservedConcurrentExecutions = CONCURRENCY
    if (Type === 'AWS::Lambda::EventSourceMapping') Properties.ScalingConfig = { MaximumConcurrency: CONCURRENCY }
  }
  return copy
}

/** Puts every order on one of the three ways in. Resolves to what is still under way once all are sent. */
async function sendAll(
  stack: LocalStack,
  players: readonly Player[],
  ledger: ReturnType<typeof createLedger>,
  random: () => number,
) {
  const http = new AwsClient({ ...stack.credentials, region: stack.region, service: 'execute-api', retries: 0 })
  const underWay: Promise<void>[] = []
  for (const { order } of players) {
    const way = random()
    if (way < BY_HTTP) underWay.push(byHttp(stack, http, order, ledger))
    else if (way < BY_HTTP + BY_STEP) underWay.push(byStep(stack, order, ledger))
    else {
      await stack.sendMessage(order)
      if (random() < TWICE) await stack.sendMessage(order)
    }
    // Everything at once would only measure this machine: no more callers than a till or two.
    if (underWay.length % 20 === 0) await Promise.race([Promise.all(underWay.slice(-20)), sleep(500)])
  }
  return underWay
}

/** As a caller should: whatever is not an answer of ours is sent again. */
async function byHttp(
  stack: LocalStack,
  http: AwsClient,
  order: Player['order'],
  ledger: ReturnType<typeof createLedger>,
) {
  const { out_trade_no, ...body } = order
  const url = `${stack.apiUrl}/v3/pay/transactions/out-trade-no/${out_trade_no}/reverse`
  for (;;) {
    const response = await http
      .fetch(url, { method: 'POST', body: JSON.stringify(body), headers: { 'Content-Type': 'application/json' } })
      .catch(() => undefined)
    if (response?.status === 202) return
    const answer = (await response?.json().catch(() => undefined)) as Record<string, string> | undefined
    if (response?.status === 200) return ledger.ended(out_trade_no, answer!.outcome!)
    if (response !== undefined && response.status >= 400 && response.status < 500 && response.status !== 429) {
      return ledger.refused(out_trade_no, answer!.title!)
    }
    await sleep(1_000)
  }
}

/** An execution whose function was killed too often fails; a person starts it again. */
async function byStep(stack: LocalStack, order: Player['order'], ledger: ReturnType<typeof createLedger>) {
  for (;;) {
    const { status, output, error } = await stack.startExecution(order).ended
    if (status === 'SUCCEEDED') return ledger.ended(order.out_trade_no, output.outcome)
    if (ledger.isRefusal(error)) return ledger.refused(order.out_trade_no, error!)
    await sleep(1_000)
  }
}

/** Kills, a change of keys and an outage, while the faults go on. `end` stops the killing and tells how many there were. */
function disturb(
  stack: LocalStack,
  { simulator, domains }: RunningSimulator,
  { merchants, troubleMs, random, tell }: Disturbance,
) {
  let killed = 0
  const killing = setInterval(() => {
    for (const environment of stack.lambda.environments().filter(() => random() < KILLED_SHARE)) {
      environment.kill()
      killed += 1
    }
  }, KILL_EVERY_MS)

  function changeKey(merchant: MerchantWithKeys) {
    const { mchid, appid } = merchant
    const privateKey = generatePrivateKey()
    const certificate_serial_no = randomSerial()
    simulator.addMerchant({ mchid, appid, certificate_serial_no, public_key: privateKey })
    const private_key = privateKey.export({ type: 'pkcs8', format: 'pem' }) as string
    stack.secrets.put(
      `wechatpay-reversal-dev/merchants/${mchid}`,
      JSON.stringify({ ...merchant.secret, certificate_serial_no, private_key }),
    )
    simulator.merchants.revokeCertificate(mchid, merchant.certificate_serial_no)
  }

  async function story() {
    await sleep(troubleMs * 0.25)
    tell('the merchants change their keys')
    merchants.forEach(changeKey)
    await sleep(troubleMs * 0.25)
    tell('the main domain goes down')
    await domains.main.set('black-hole')
    await sleep(troubleMs * 0.125)
    await domains.main.set('refuse')
    await sleep(troubleMs * 0.125)
    tell('the main domain is back')
    await domains.main.set('up')
    await sleep(troubleMs * 0.25)
  }

  return {
    done: story(),
    end() {
      clearInterval(killing)
      return killed
    },
  }
}

interface Disturbance extends Pick<ChaosOptions, 'troubleMs' | 'random' | 'tell'> {
  merchants: readonly MerchantWithKeys[]
}

async function look(
  stack: LocalStack,
  { simulator }: RunningSimulator,
  ledger: ReturnType<typeof createLedger>,
): Promise<Findings> {
  const onQueue = new Set(
    (await stack.messages()).map(({ body }) => (JSON.parse(body) as Player['order']).out_trade_no),
  )
  return ledger.compare({
    events: stack.events(),
    deadLetters: await stack.deadLetters(),
    onQueue,
    booked: (mchid, out_trade_no) => simulator.books.find(mchid, out_trade_no, simulator.now()),
  })
}
