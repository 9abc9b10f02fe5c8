/** Why the service waits, and what the trade bill says, in Chinese, by their English words. A test holds it complete. */
const WORDS: Readonly<Record<string, string>> = {
  'paid and to be kept, but a reverse of ours may still land': '已支付且要保留，但我们的撤销可能还会到达',
  'the user is paying': '用户正在支付',
  'WeChat Pay answered with a state or a code this version does not know': '微信支付返回了此版本不认识的状态或错误码',
  'no verified answer to our query': '查单没有验签通过的应答',
  'seen paid before and to be kept, but the query now says otherwise': '此前查到已支付且要保留，但现在查单结果不同',
  'too early to reverse': '还不到可以撤销的时间',
  'WeChat Pay received the reverse, but the order is not final yet': '微信支付收到了撤销，但订单尚未到终态',
  'WeChat Pay refused the reverse for now': '微信支付暂时拒绝了撤销',
  'WeChat Pay refused the reverse, and nothing verified says where the order stands':
    '微信支付拒绝了撤销，且没有验签通过的应答说明订单状态',
  'the answer to the reverse does not verify': '撤销的应答验签不通过',
  'no answer to the reverse': '撤销没有应答',
  'the reverse could not be sent': '撤销未能发出',

  'the books have the order under another sub_mchid': '账单中此订单属于另一个 sub_mchid',
  'kept, and reversed by somebody': '要求保留，却已被撤销',
  'paid, and returned by the reverse': '已支付，撤销已退款',
  'paid, and refunded in whole': '已支付，已全额退款',
  'a bill from the attempt to the outcome is missing': '缺少从付款到结果之间某一天的账单',
  'in no bill: nobody was charged': '账单中没有此订单：没有人被扣款',
  'not found, and in the books all the same': '查单说没有此订单，账单中却有',
  'it may have been reversed since': '此后可能已被撤销',
  'paid, and not reversed': '已支付，未撤销',
  'the row that is missing may come late': '缺少的记录可能会晚到',
  'reversed, and not returned in whole within three days': '已撤销，但三天内没有全额退款',
  'kept, and not paid within three days': '要求保留，但三天内没有支付',
}

/** What WeChat Pay said stands behind the words in brackets, and stays as it is. Undefined for words of no table. */
export function reasonInChinese(reason: string): string | undefined {
  const [, words = '', said = ''] = /^(.*?)( \(.*)?$/s.exec(reason) ?? []
  const known = WORDS[words]
  return known && known + said.replace(/^ \(answered (.*)\)$/s, '（应答：$1）')
}
