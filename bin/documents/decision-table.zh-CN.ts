/** Every cell of the decision table in the words of WeChat Pay's own Chinese pages, `{}` for a time. A test holds it complete. */
const WORDS: Readonly<Record<string, string>> = {
  'a verified query says': '验签通过的查单结果',
  'which means': '含义',
  when: '条件',
  next: '下一步',
  source: '依据',
  'a reverse is due': '需要撤销',
  'the reverse of this attempt was': '本次尝试中撤销的结果',
  'look again; the same after an error that may pass': '再查；遇到可恢复的错误后也是如此',

  'reversed: unpaid it was closed, paid it is being refunded': '已撤销：未支付的订单已关闭，已支付的正在退款',
  'closed unpaid': '未支付，已关闭',
  'being refunded, wholly or in part': '转入退款（全额或部分）',
  paid: '支付成功',
  'the user is at the password box': '用户正在输入密码',
  'not paid': '未支付',
  'the payment failed, which does not prove that nobody was charged': '支付失败，但不能证明用户没有被扣款',
  'no such order under this `mchid`, or not yet': '该 `mchid` 下没有此订单，或尚未到达',
  'anything else': '其他',
  'a state or a code never seen before, and verified': '验签通过，但状态或错误码从未见过',
  nothing: '无',
  'nothing that verifies, or an error that says nothing about the order': '没有验签通过的应答，或错误与订单状态无关',

  always: '总是',
  otherwise: '其余情况',
  'SUCCESS was seen before': '此前查到过 SUCCESS',
  'the answer names the payment': '应答中带有支付信息',
  'WeChat Pay knew the order in this attempt': '本次尝试中微信支付查得到此订单',
  'a reverse of ours was sent, and not refused': '我们发出过撤销，且未被拒绝',
  'a reverse of ours was sent less than {} ago': '我们的撤销发出不到 {}',
  'this attempt has sent no reverse': '本次尝试尚未发出撤销',
  'a reverse of ours had a verified answer': '我们的撤销得到过验签通过的应答',
  'this attempt was not refused for good': '本次撤销没有被明确拒绝',
  '`if_paid` is `keep`': '`if_paid` 为 `keep`',
  'the payment was attempted less than {} ago': '距发起支付不到 {}',
  'the payment was attempted more than {} ago': '距发起支付超过 {}',
  'the order was first seen {} ago (or `attempted_at` is {} ago)': '得知此订单已满 {}（或距 `attempted_at` 已满 {}）',
  'the order was first seen more than {} ago': '得知此订单超过 {}',
  'nothing verified says where the order stands': '没有验签通过的应答说明订单状态',

  'answered, refused for now, unverified, no answer, not sent': '有应答、暂时被拒、验签不通过、无应答、未发出',
  'refused for good': '被明确拒绝',

  reverse: '撤销',
  'look again': '再查',
  'wait until this no longer holds': '等到条件不再成立',
  'wait as long as the back-off says': '按退避规则等待',
  'wait {}': '等待 {}',

  inferred: '推断',
  'inferred: touch nothing, and alert a person': '推断：什么都不动，通知值班人员',
  'inferred: never reverse blind what may be kept': '推断：可能要保留的订单，绝不盲目撤销',
  'inferred: never reverse again': '推断：绝不再次撤销',
  'inferred: an order does not vanish': '推断：订单不会消失',
  'inferred: it may be final already': '推断：订单可能已是终态',
  'inferred: an end that is told, before the queue drops the order': '推断：在队列丢弃订单之前给出明确的结局',
}

/** Cells that hold a name as it is, too. */
const PATTERNS: readonly (readonly [RegExp, string])[] = [
  [/^\[official\]\((.*)\)$/, '[官方文档]($1)'],
  [/^finish (`\w+`)$/, '结束 $1'],
  [/^refuse (`\w+`)$/, '拒绝 $1'],
  [/^(`\w+`|-*)$/, '$1'],
]

/** A time as the decision writes it. */
const TIME = /\b(\d+) (s|days)\b/g

const UNITS: Readonly<Record<string, string>> = { s: '秒', days: '天' }

/** The decision table in Chinese. @throws Error that names the cell which has no translation */
export function inChinese(table: string): string {
  return table
    .split('\n')
    .map((line) =>
      line.startsWith('| ') ? `| ${line.slice(2, -2).split(' | ').map(cellInChinese).join(' | ')} |` : line,
    )
    .join('\n')
}

/** One cell of it. @throws Error when it has no translation */
export function cellInChinese(cell: string): string {
  const words = cell.trim()
  const [pattern, form] = PATTERNS.find(([pattern]) => pattern.test(words)) ?? []
  if (pattern && form !== undefined) return words.replace(pattern, form)
  const whole = inWords(words)
  if (whole !== undefined) return whole
  const [, one, joint, other] = /^(.*?), (and|or) (.*)$/.exec(words) ?? []
  if (one === undefined) throw new Error(`bin/documents/decision-table.zh-CN.ts has no translation of: ${cell}`)
  return `${cellInChinese(one)}，${joint === 'and' ? '且' : '或'}${cellInChinese(other!)}`
}

/** Words that stand in WORDS, but for their times. */
function inWords(words: string): string | undefined {
  const times = [...words.matchAll(TIME)].map(([, number, unit]) => `${number} ${UNITS[unit!]}`)
  return WORDS[words.replace(TIME, '{}')]?.replaceAll('{}', () => times.shift()!)
}
