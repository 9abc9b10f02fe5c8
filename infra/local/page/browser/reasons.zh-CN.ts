/** Why the service waits, in Chinese, by its English words. A test holds it complete. */
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
}

/** Undefined for words that are not the decision table's. */
export const reasonInChinese = (reason: string): string | undefined => WORDS[reason]
