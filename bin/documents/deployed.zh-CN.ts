import type { AlarmCondition, DeployedWords } from './deployed.ts'
import { SHOWN } from './queries.zh-CN.ts'

/** Why each resource is there, by logical id. */
export const RESOURCES: Readonly<Record<string, string>> = {
  ...SHOWN,
  ServerlessDeploymentBucket: '存放函数的代码包；不公开，已加密',
  ServerlessDeploymentBucketPolicy: '拒绝不使用 TLS 的请求',
  HttpLogGroup: '每个结果一行，网络上每出一次问题也有一行；保留 180 天',
  QueueLogGroup: '同上，队列函数的日志',
  StepLogGroup: '同上，状态机函数的日志',
  SettleLogGroup: '同上，账单了结函数的日志',
  HttpLambdaFunction: '通过 HTTP 撤销订单，或者查询订单的状态',
  QueueLambdaFunction: '撤销队列里的订单，直到每一笔都得到证明或被拒绝',
  StepLambdaFunction: '供状态机撤销订单，每次调用尝试一次',
  SettleLambdaFunction: '按微信支付的交易账单，了结撤销时没有定论的结果',
  QueueEventSourceMappingSQSReversalQueue: '把队列里的消息交给函数，最多同时 40 批',
  HttpApi: 'HTTP 入口',
  HttpApiLogGroup: '每个请求一行：谁调用的，得到什么应答；不含报文',
  HttpApiStage: '限流为每秒 75 个请求，并写访问日志',
  HttpLambdaPermissionHttpApi: '只允许这个 API 调用 HTTP 函数',
  HttpApiIntegrationHttp: '把路由接到函数上',
  HttpApiRoutePostV3PayTransactionsOutDashtradeDashnoOuttradenoVarReverse: '撤销普通商户的订单；用 AWS IAM 签名',
  HttpApiRouteGetV3PayTransactionsOutDashtradeDashnoOuttradenoVar: '查询普通商户订单的状态；用 AWS IAM 签名',
  HttpApiRoutePostV3PayPartnerTransactionsOutDashtradeDashnoOuttradenoVarReverse: '撤销服务商的订单；用 AWS IAM 签名',
  HttpApiRouteGetV3PayPartnerTransactionsOutDashtradeDashnoOuttradenoVar: '查询服务商订单的状态；用 AWS IAM 签名',
  ReversalQueue: 'SQS 入口，未完成的订单也在这里等待：最多 9 天',
  DeadLetterQueue: '需要人处理的订单，各带原因：保留 14 天',
  QueuesOverTlsOnly: '拒绝不使用 TLS 的请求',
  HttpRole: 'HTTP 函数的权限',
  QueueRole: '队列函数的权限',
  StepRole: '状态机函数的权限',
  SettleRole: '账单了结函数的权限',
  MerchantKey: '加密商户的 secret；删除堆栈时保留，否则 secret 再也读不出来',
  ReversalStateMachine: '发起支付，放弃交易时撤销；也可以只撤销。等上几天也不花钱',
  WorkflowLogGroup: '状态机做了什么，不含订单内容',
  WorkflowRole: '状态机的权限',
  EventBus: '把订单的结果告诉订阅方；单独一条总线，因为证据里可能有用户信息',
  EventBusLatch: '防止总线被误删：总线上只要有规则，AWS 就不会删除它',
  SettlementQueue: '等待交易账单的结果：最多 10 天',
  SettlementsOverTlsOnly: '拒绝不使用 TLS 的请求',
  SettlementSchedule: '北京时间 10:15 到 23:15，每小时启动一次账单了结',
  SettlementScheduleRole: '定时任务的权限',
  AlarmTopic: '告警发到这里；`alarmTopic` 指定了你自己的主题时不创建',
  AlarmTopicKey: '加密 SNS 主题：CloudWatch 不能使用 AWS 自带的 SNS 密钥',
  AlarmTopicPolicy: '只接收本账号 CloudWatch 的告警，且必须使用 TLS',
  AlarmMail: '把告警发到 `alarmEmail`；没有填写时不创建',
  Dashboard: '先看这里：未解除的告警、队列、微信支付、状态机',
}

/** Why a role has a right, by the actions of its statement and what it is about. */
export const RIGHTS: Readonly<Record<string, string>> = {
  'secretsmanager:GetSecretValue MerchantSecrets': '读取订单所属商户的 secret',
  'kms:Decrypt MerchantKey': '商户的 secret 是加密的；只能经由 Secrets Manager 解密',
  'xray:PutTraceSegments, xray:PutTelemetryRecords *': '链路追踪；X-Ray 没有可以指定的资源',
  'logs:CreateLogStream, logs:PutLogEvents HttpLogGroup': '写自己的日志',
  'logs:CreateLogStream, logs:PutLogEvents QueueLogGroup': '写自己的日志',
  'logs:CreateLogStream, logs:PutLogEvents StepLogGroup': '写自己的日志',
  'logs:CreateLogStream, logs:PutLogEvents SettleLogGroup': '写自己的日志',
  'sqs:SendMessage ReversalQueue': '把未完成的订单放进队列',
  'sqs:SendMessage SettlementQueue': '把要由交易账单了结的结果放进队列',
  'sqs:SendMessage DeadLetterQueue': '把需要人处理的订单连同原因放进死信队列',
  'sqs:SendMessage ReversalQueue, DeadLetterQueue': '账单上已支付而未退的，重新撤销；账单了结不了的，放弃并交给人',
  'sqs:ReceiveMessage, sqs:DeleteMessage, sqs:GetQueueAttributes ReversalQueue': 'Lambda 用这个角色读取队列',
  'sqs:ChangeMessageVisibility, sqs:SendMessage ReversalQueue': '一次比一次等得久；把查明的事实交给下一次尝试',
  'sqs:ReceiveMessage, sqs:ChangeMessageVisibility, sqs:DeleteMessage SettlementQueue': '取出等待账单的结果',
  'events:PutEvents EventBus': '把结果作为事件发出',
  'lambda:InvokeFunction HttpLambdaFunction, StepLambdaFunction, PayFunctionArn':
    '查单和撤销；`payFunction` 指定了你的函数时，用它发起支付',
  'lambda:InvokeFunction SettleLambdaFunction': '启动账单了结',
  'logs:CreateLogDelivery, logs:DeleteLogDelivery, logs:DescribeLogGroups, logs:DescribeResourcePolicies, logs:GetLogDelivery, logs:ListLogDeliveries, logs:PutResourcePolicy, logs:UpdateLogDelivery, xray:GetSamplingRules, xray:GetSamplingTargets, xray:PutTelemetryRecords, xray:PutTraceSegments *':
    '写日志和链路追踪；这些权限 AWS 只能对全部资源授予',
}

/** What each alarm means. */
export const ALARMS: Readonly<Record<string, string>> = {
  'failed-reversals': '一笔订单被明确拒绝；原因已告知发送方',
  'refused-reversals': '微信支付一再拒绝撤销；订单在等待',
  'refused-queries': '微信支付一再拒绝查单；订单在等待',
  'unknown-states': '微信支付返回了决策表里没有的状态或错误码；订单在等待',
  'oldest-pending': '一笔订单过了一小时还没有得到证明，平时只要几秒',
  'pending-near-end': '一笔订单只剩不到一天可以撤销',
  'unproved-attempts': '多数尝试什么都没有证明，而别的告警未必说明原因',
  'failed-hand-overs': '一笔未完成的订单没能进队列；只有发送方知道',
  'failed-batches': '连续几批消息全部失败，而 Lambda 不把这算作错误',
  'ignored-paid-history': '一笔订单带来了支付成功的证明，却没有一把公钥或证书能验证它',
  'unavailable-credentials': '某个商户的 secret 缺失、格式错误或被拒绝；是哪个商户，运行查询可知',
  'stale-secrets': '读不到 Secrets Manager，暂用上一次读到的有效值',
  'unverified-in-a-row': '连续十个应答，用配置的公钥或证书都验签不通过；什么都证明不了',
  'unverified-answers': '收到的应答，用配置的公钥或证书都验签不通过',
  'sign-test-probes': '微信支付在测试我们是否验签，而且次数很多',
  'fail-overs': '主域名没有应答，由备域名承担',
  'missing-answers': '许多对微信支付的调用没有应答',
  'http-errors': 'HTTP 函数崩溃或超时',
  'queue-errors': '队列函数崩溃或超时；它的消息会再次投递',
  'step-errors': '状态机函数一再失败',
  'http-throttles': 'HTTP 函数的并发用尽，调用方被拒绝',
  'queue-throttles': '队列处理得比应有的慢',
  'dropped-recursions': '队列函数给自己的队列发消息，被 Lambda 当作循环切断',
  'step-throttles': '状态机在等函数的并发',
  'http-slow': 'HTTP 请求的耗时接近上限',
  'queue-slow': '一批消息的耗时接近上限',
  'step-slow': '状态机一次尝试的耗时接近上限',
  'api-server-errors': '调用方得到 5xx 应答',
  'api-client-errors': '许多调用被拒绝：没有签名、被限流或者有误',
  'dead-letters': '一笔订单需要人处理',
  'in-flight': '在等待的订单，接近队列能保留的上限',
  'unread-queue': '订单已就绪，却没有人来取',
  'failed-executions': '一次执行没有得到结果就结束；它的订单需要人处理',
  'timed-out-executions': '一次执行运行了 14 天还没有结束',
  'aborted-executions': '订单还没有得到证明，执行就被人中止',
  'disagreeing-books': '微信支付的账单与给出的结果矛盾',
  'failed-settlements': '有些结果十天之内没能了结',
  'unqueued-settlements': '有些结果已经给出，却不会由账单了结',
  'refused-bills': '账单连续几小时不可用；结果在等待',
  'oldest-settlement': '一个结果等账单等了五天，满十天就放弃',
  'settle-errors': '账单了结函数崩溃或超时；下一次运行会接着做',
}

/** What the labels of the alarms' expressions say, `{}` for a number. */
const LABELS: Readonly<Record<string, string>> = {
  'at least {} % of the attempts': '且不少于尝试次数的 {}%',
  'at least {} % of the invocations': '且不少于调用次数的 {}%',
  'at least {} % of the requests': '且不少于请求数的 {}%',
  'at least {} % of those settled': '且不少于了结数的 {}%',
  'Attempts without an outcome (at least half of all)': '没有得到结果的尝试（不少于全部的一半）',
  'Messages ready and none received': '有就绪的消息却一条也没有被接收',
}

function labelInChinese(label: string): string {
  const number = /\d+/.exec(label)?.[0]
  const text = LABELS[label.replace(/\d+/, '{}')]
  if (text === undefined) throw new Error(`bin/documents/deployed.zh-CN.ts has no translation of: ${label}`)
  return text.replace('{}', number ?? '')
}

const STATISTICS: Readonly<Record<string, string>> = { Maximum: '最大值', Minimum: '最小值', p99: ' p99' }

const span = (seconds: number) => (seconds % 3600 === 0 ? `${seconds / 3600} 小时` : `${seconds / 60} 分钟`)

function conditionOf({ metric, sign, threshold, periodSeconds, share, ...condition }: AlarmCondition): string {
  const { statistic, times, of } = condition
  const name = metric.startsWith('`') ? ` ${metric}` : `，${labelInChinese(metric)}`
  const ofWhat = statistic === undefined ? name : `${name} 的${STATISTICS[statistic]}`
  const also = share === undefined ? '' : `，${labelInChinese(share)}`
  const when = `${span(periodSeconds)}内${ofWhat} ${sign} ${threshold}${also}`
  if (of === 1) return when
  if (times === of) return `${when}，连续 ${of} 次`
  if (times === 1) return `${when}；告警保持 ${span(of * periodSeconds)}`
  return `${when}，${span(of * periodSeconds)}内出现 ${times} 次`
}

export const CHINESE: DeployedWords = {
  source: 'bin/documents/deployed.zh-CN.ts',
  heads: {
    resources: ['名称', '类型', '用途'],
    roles: ['角色', '权限', '对象', '用途'],
    alarms: ['告警', '触发条件', '含义'],
    atRest: ['没有订单时', '每月'],
    concurrency: ['函数', '预留并发'],
  },
  runbook: 'runbook.zh-CN.md',
  whyResource: (id) => RESOURCES[id],
  whyRight: (right) => RIGHTS[right],
  everything: '全部资源',
  yourPayFunction: '你的 `payFunction`',
  conditionOf,
  alarmMeans: (name) => ALARMS[name],
  alarmsOn: (alarms, metrics) => `${alarms} 个告警，共 ${metrics} 个指标`,
  dashboards: (count) => `${count} 个仪表盘`,
  keys: (count) => `${count} 个 KMS 密钥`,
  polling: 'Lambda 轮询空队列',
  merchantSecret: '每个商户的 secret',
  withOneMerchant: '只有一个商户时，合计',
  together: '合计',
}
