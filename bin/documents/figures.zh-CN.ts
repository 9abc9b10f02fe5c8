import { createPhraseBook } from '../language/phrase-book.ts'
import { readPart, replacePart } from './parts.ts'

/** Each cell and paragraph of docs/figures.md in Chinese, `{}` for a figure. Of two that match, the first is taken. */
const WORDS: Readonly<Record<string, string>> = {
  figure: '指标',
  'to reach': '目标',
  measured: '实测',
  'beside it': '对照',

  'CPU of one verified call, ours / floor': '一次调用（含签名和验签）的 CPU 时间：本服务 / 裸调用',
  '{}; floor {} ms': '{}；裸调用 {} 毫秒',
  'CPU of one whole warm reversal in the Lambda handler / three floor calls':
    '热启动时在 Lambda 处理程序中撤销一笔的 CPU 时间 / 三次裸调用',
  'three floor calls {} ms': '三次裸调用 {} 毫秒',
  'calls and TLS handshakes per fault-free reversal, warm': '没有故障、热启动时，撤销一笔的调用次数和 TLS 握手次数',
  '{} calls, {} handshakes': '{} 次调用，{} 次握手',
  'counted by the server over {} reversals': '由服务端在 {} 次撤销中计数',
  'first answer of a cold step function / of a bare middy handler with one secret and three floor calls':
    '状态机函数冷启动到第一个应答的时间 / 只有 middy、一个 secret 和三次裸调用的处理程序',
  '{}, its CPU {}; {} ms': '{}，CPU 时间之比 {}；{} 毫秒',
  'the bare handler around wechatpay-axios-plugin {}': '同样的处理程序改用 wechatpay-axios-plugin：{}',
  'bundle of each function, beyond the SDK': '每个函数的代码包大小，不计 AWS SDK',
  'wechatpay-axios-plugin alone {} kB, wechatpay-node-v3 alone {} kB; of ours valibot {} kB, middy {} kB':
    '仅 wechatpay-axios-plugin 就有 {} kB，wechatpay-node-v3 {} kB；本服务之中 valibot 占 {} kB，middy 占 {} kB',
  'draining {} waiting orders at {} reversals/s (virtual clock, real back-off, pace and concurrency)':
    '处理完 {} 笔积压订单，限速每秒 {} 笔（虚拟时钟，退避、速率和并发都是真实的）',
  '≥ {} % of that limit, ≤ {} % 429s': '不低于该限速的 {}%，429 不超过 {}%',
  'refused: {} % of the limit, {} % 429s; silent: {} % of the limit, {} % 429s':
    '故障时被拒绝：达到限速的 {}%，429 占 {}%；故障时没有应答：达到限速的 {}%，429 占 {}%',
  'until {} % are final; the rest come by their own back-off within {} min':
    '算到 {}% 的订单到达终态为止；其余的按各自的退避，{} 分钟内完成',
  'first attempt of {} merchants with an order each every {} s, beside one with {} waiting (virtual clock, real work, pace and back-off)':
    '{} 个商户每 {} 秒各来一笔订单，旁边有一个商户积压 {} 笔：前者等多久才有第一次尝试（虚拟时钟，处理、速率和退避都是真实的）',
  '≤ {} s at the 99th percentile, the one at ≥ {} % of its limit': '99 分位不超过 {} 秒，积压的商户不低于限速的 {}%',
  'median {} s, 99th {} s; the one at {} %': '中位数 {} 秒，99 分位 {} 秒；积压的商户达到限速的 {}%',
  'without `MessageGroupId`: median {} s, 99th {} s; the one at {} %':
    '不带 `MessageGroupId`：中位数 {} 秒，99 分位 {} 秒；积压的商户达到限速的 {}%',
  'memory of a function after {} reversals / after {}': '函数的内存：{} 次撤销之后 / {} 次之后',
  "{} of {} MB, since the 1,000th {}; {} without V8's compiled code (+{} MB)":
    '{}，为 {} MB；从第 1,000 次算起 {}；不计 V8 编译出的代码为 {}（这些代码增加 {} MB）',
  'three floor calls {}, since the 1,000th {}; {} without compiled code':
    '三次裸调用 {}；从第 1,000 次算起 {}；不计编译出的代码为 {}',
  'CPU of the first order of a merchant not yet read / of a known one':
    '新商户第一笔订单的 CPU 时间 / 已读过 secret 的商户',
  'a secret read once': 'secret 只读一次',
  '{}; {} ms; reads of its secret: {}': '{}；{} 毫秒；读取 secret {} 次',
  '{}; {} ms': '{}；{} 毫秒',
  'a known merchant {} ms': '已读过 secret 的商户 {} 毫秒',
  '{} merchants through one environment, an order each': '一个执行环境处理 {} 个商户，每个商户一笔订单',
  'each secret read once, memory bounded': '每个 secret 只读一次，内存有上限',
  '{} reads; {} ms of CPU an order; heap {} MB': '读取 {} 次；每笔订单 CPU {} 毫秒；堆 {} MB',
  'after {} merchants {} MB, after {} {} MB: the {} used last are kept':
    '{} 个商户之后 {} MB，{} 个之后 {} MB：只保留最近用过的 {} 个',
  'CPU of reading a trade bill of {} rows / inflating and hashing it alone':
    '读取一份 {} 行的交易账单的 CPU 时间 / 只解压和计算摘要',
  '{}; {} rows/s': '{}；每秒 {} 行',
  'wechatpay-axios-plugin {}, wechatpay-node-v3 {}': 'wechatpay-axios-plugin {}，wechatpay-node-v3 {}',
  'wechatpay-axios-plugin {}': 'wechatpay-axios-plugin {}',
  'memory of a process that reads a bill of {} rows / of {}': '一个进程读取 {} 行账单的内存 / 读取 {} 行',
  flat: '持平',
  '{}: {} MB / {} MB at the most': '{}：峰值 {} MB / {} MB',
  'inflating and hashing alone {} MB; wechatpay-axios-plugin {} MB for {} rows, and it cannot hold {}':
    '只解压和计算摘要 {} MB；wechatpay-axios-plugin 要 {} MB 才能读 {} 行，{} 行装不下',

  'By `npm run bench` on {} in {} s: version {}, Node {}, OpenSSL {}, {}. Ratios are medians of interleaved rounds, with the middle half of all rounds in brackets. All clients speak TLS {} over connections kept alive to a server in a process of its own; only the client’s CPU counts.':
    '由 `npm run bench` 于 {} 测得，用时 {} 秒：版本 {}，Node {}，OpenSSL {}，{}。比值是交替进行的各轮的中位数，括号里是居中一半的范围。所有客户端都用 TLS {}，以长连接访问另一个进程里的服务端；只计客户端的 CPU。',

  'way in': '入口',
  'a million': '一百万次',
  'of which': '其中',
  HTTP: 'HTTP',
  SQS: 'SQS',
  'Step Functions': 'Step Functions',
  'settling what is left open': '按账单了结未定的结果',
  'Lambda {}, logs and traces {}, HTTP API {}': 'Lambda {}，日志和链路追踪 {}，HTTP API {}',
  'Lambda {}, logs and traces {}, three SQS requests {}, one event {}':
    'Lambda {}，日志和链路追踪 {}，三个 SQS 请求 {}，一个事件 {}',
  'Lambda {}, logs and traces {}, five state transitions {}': 'Lambda {}，日志和链路追踪 {}，五次状态转换 {}',
  'SQS requests {}, one event {}, log line {}': 'SQS 请求 {}，一个事件 {}，一行日志 {}',
  'us-east-1, arm64, prices of November 2026, no free tier. Lambda bills {} ms at {} MB: three calls of {} ms (assumed), {} ms of CPU (measured) at the share of a core that the memory buys, and the {} ms of a cold start (measured) once in {} (assumed). Not included, because it does not depend on volume: what a deployment costs at rest.':
    'us-east-1，arm64，2026 年 11 月的价格，不计免费额度。Lambda 按 {} 毫秒、{} MB 计费：三次调用各 {} 毫秒（假设），{} 毫秒 CPU（实测，按内存对应的处理器份额折算），以及 {} 毫秒的冷启动（实测），每 {} 次一次（假设）。不含没有订单时的固定费用，它与用量无关。',
}

const inBook = createPhraseBook(WORDS)

/** What is the same in both languages: figures and names alone. */
const AS_IT_IS = /^[\d.,()≤≥$–-]+$|^[≤≥$] [\d.,]+( kB)?$|^(\w+ \d+ kB(, |$))+$/

/** The tables of docs/figures.md, and what stands under them. */
const PARTS = ['bench', 'cost']

/** The Chinese page with the figures of the English one. @throws Error that names the cell which has no translation */
export function drawFigures(chinese: string, english: string): string {
  return PARTS.reduce((page, name) => replacePart(page, name, inChinese(readPart(english, name))), chinese)
}

function inChinese(part: string): string {
  return part
    .split('\n')
    .map((line) => {
      if (line === '' || line.startsWith('|-')) return line
      if (!line.startsWith('| ')) return translated(line)
      return `| ${line.slice(2, -2).split(' | ').map(translated).join(' | ')} |`
    })
    .join('\n')
}

function translated(english: string): string {
  const chinese = AS_IT_IS.test(english) ? english : inBook(english)
  if (chinese === undefined) throw new Error(`bin/documents/figures.zh-CN.ts has no translation of: ${english}`)
  return chinese
}
