/** Every cell of the decision table in the words of WeChat Pay's own Chinese pages. A test holds it complete. */
const WORDS: Readonly<Record<string, string>> = {
  'a verified query says': '验签通过的查单结果',
  'which means': '含义',
  when: '条件',
  next: '下一步',
  source: '依据',
  'a reverse is due': '需要撤销时',
  'the reverse of this attempt was': '本次尝试中撤销的结果',

  'reversed: unpaid it was closed, paid it is being refunded': '已撤销：未支付的订单已关闭，已支付的正在退款',
  'closed unpaid': '未支付，已关闭',
  'being refunded, wholly or in part': '转入退款（全额或部分）',
  paid: '支付成功',
  'the user is at the password box': '用户正在输入密码',
  'not paid': '未支付',
  'the payment failed, which does not prove that nobody was charged': '支付失败，但不能证明用户没有被扣款',
  'no such order under this `mchid`, or not yet': '该商户号下没有此订单，或尚未到达',
  'anything else': '其他',
  'a state or a code never seen before, and verified': '验签通过，但状态或错误码从未见过',
  nothing: '无',
  'nothing that verifies, or an error that says nothing about the order': '没有验签通过的应答，或错误与订单状态无关',

  always: '总是',
  otherwise: '其余情况',
  'a payment is proved: SUCCESS was seen before, or the answer names the payment':
    '已证明支付过：此前查到过 SUCCESS，或应答中带有支付信息',
  'a reverse of ours was sent, and not refused': '我们发出过撤销，且未被拒绝',
  '`if_paid` is `keep`, and a reverse of ours was sent less than 90 s ago':
    '`if_paid` 为 `keep`，且我们的撤销发出不到 90 秒',
  '`if_paid` is `keep`': '`if_paid` 为 `keep`',
  'the payment is less than 45 s old': '距支付不到 45 秒',
  'WeChat Pay knew the order before: in this attempt, or SUCCESS was seen':
    '微信支付此前查得到此订单：本次尝试中，或曾查到 SUCCESS',
  'a reverse of ours had a verified answer, and we have known the order for 90 s (or 390 s have passed since `attempted_at`)':
    '我们的撤销得到过验签通过的应答，且得知此订单已满 90 秒（或距 `attempted_at` 已满 390 秒）',
  '`if_paid` is `keep`, and SUCCESS was seen before': '`if_paid` 为 `keep`，且此前查到过 SUCCESS',
  'the payment is less than 15 s old': '距支付不到 15 秒',
  'the payment is more than 7 days old, and nothing verified says where the order stands':
    '距支付超过 7 天，且没有验签通过的应答说明订单状态',
  'the payment is more than 7 days old': '距支付超过 7 天',
  'the query after it brought nothing verified': '撤销后的查单没有得到验签通过的应答',

  'answered, refused for now, unverified, no answer, not sent': '有应答、暂时被拒、验签不通过、无应答、未发出',
  'refused for good': '被明确拒绝',

  reverse: '撤销',
  'wait, and look again': '等待，再查',
  'wait as long': '等到条件不再成立',
  'wait 5 s': '等待 5 秒',

  inferred: '推断',
  'inferred: touch nothing, and wake a person': '推断：什么都不动，通知值班人员',
  'inferred: never reverse blind what may be kept': '推断：可能要保留的订单，绝不盲目撤销',
  'inferred: never reverse again': '推断：绝不再次撤销',
  'inferred: an order does not vanish': '推断：订单不会消失',
  'inferred: it may be final already': '推断：订单可能已是终态',
}

/** Cells that hold a name as it is, too. */
const PATTERNS: readonly (readonly [RegExp, string])[] = [
  [/^\[official\]\((.*)\)$/, '[官方文档]($1)'],
  [/^finish (`\w+`)$/, '结束 $1'],
  [/^refuse (`\w+`)$/, '拒绝 $1'],
  [/^(`\w+`|-*)$/, '$1'],
]

/** The decision table in Chinese. @throws Error that names the cell which has no translation */
export function inChinese(table: string): string {
  return table
    .split('\n')
    .map((line) => (line.startsWith('| ') ? `| ${line.slice(2, -2).split(' | ').map(translated).join(' | ')} |` : line))
    .join('\n')
}

function translated(cell: string): string {
  const known = WORDS[cell.trim()]
  if (known !== undefined) return known
  const [pattern, form] = PATTERNS.find(([pattern]) => pattern.test(cell.trim())) ?? []
  if (pattern && form !== undefined) return cell.trim().replace(pattern, form)
  throw new Error(`bin/documents/decision-table.zh-CN.ts has no translation of: ${cell}`)
}
