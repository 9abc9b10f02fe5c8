/** What each saved query shows, in Chinese. A test holds it complete. */
export const SHOWN: Readonly<Record<string, string>> = {
  WhoQuery: '出了什么问题、多少次、是哪个商户',
  MetricQuery: '我们的任何一个指标，涉及哪些商户：把 `NoAnswer` 换成它的名称',
  OrderQuery: '一笔订单的来龙去脉，不管从哪个入口进来',
  WaitingQuery: '还没有得到证明的订单，尝试次数多的在前',
  UnqueuedQuery: '调用方得到 5xx、不在任何队列里的订单',
  ExecutionsQuery: '没有得到结果就结束的状态机执行',
  CallersQuery: '谁的 HTTP 调用被拒绝，怎么被拒绝的',
  CrashesQuery: '崩溃或超时的函数',
  BusyQuery: '函数要用多长时间',
  SettlementsQuery: '与交易账单矛盾的、账单没有了结的结果',
  OutcomesQuery: '给出过的每个结果，供错过事件的监听方使用',
}
