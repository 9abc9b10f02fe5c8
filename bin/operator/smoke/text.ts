import { inLanguage } from '../../language/in-language.ts'

/** What the checks of smoke say. What the service and AWS answered stands in it as it came. */
export const text = inLanguage({
  en: {
    checks: {
      unsigned: 'unsigned',
      reverse: 'reverse',
      state: 'state',
      send: 'send',
      workedOff: 'worked off',
      execution: 'execution',
      function: 'function',
      bus: 'bus',
    },
    seen: (what: string, how: string) => `${what}, ${how}`,

    refused: (status: number) => `refused, HTTP ${status}`,
    letIn: (status: number) => `HTTP ${status}: somebody who is not signed in is let in`,
    seeAuthorizer: 'See the authorizer of the routes.',
    answered: (status: number, message: string) => `HTTP ${status}: ${message}`,
    signIn: 'Sign in as somebody with execute-api:Invoke on this API, and see --region.',
    noAnswer: (why: string) => `no answer: ${why}`,
    seeAddress: 'See the address (--api) and the network.',

    message: (id: string) => `message ${id}`,
    notSent: 'it could not be sent',
    byLog: 'by the log of the function',
    byDeadLetter: 'by its dead letter',
    byCounts: "it left the queue, by the queue's counts",
    beSure:
      "They count about, and everybody's messages. To be sure let this user read the function's log (logs:FilterLogEvents), or name it: --log-group",
    neverWorkedOff: (seconds: number) => `nothing became of it within ${seconds} s`,
    seeQueue:
      "See the queue function's log, and whether its event source mapping is enabled. The order may stay: it is nobody's.",

    execution: (status: string) => `execution ${status}`,
    stillRunning: (seconds: number) => `still running after ${seconds} s`,
    lookAtExecution: (arn: string) => `Look at it in the console: ${arn}`,
    invoked: 'invoked',

    noBusName: 'no name given',
    busThere: (name: string) => `${name} is there`,
    noBus: (name: string) => `there is no bus ${name}: what became of the queue's orders is told to nobody`,
    makeBus: 'Make it again (runbook, "A deleted event bus"); then redo what its listeners have missed.',

    fixes: {
      UnknownMerchant:
        "Give the --mchid of a configured merchant, or put its JSON into the stack's secret: npm run secret",
      CredentialsUnavailable: 'Put the right JSON into the secret (npm run secret); what is wrong: npm run doctor',
      ReversalRejected:
        'Give the appid that is bound to this merchant, the --sub-mchid that is under it, and look at its permissions: npm run doctor',
    },
    pending: (reason: string) => `PENDING: ${reason}`,
    seeSigned: 'See whether WeChat Pay can be reached and signs "no such order": npm run doctor, and the logs.',
    ofNoOrder: (outcome: string) => `${outcome} of an order that does not exist`,
    seeEndpoints: 'See WECHATPAY_ENDPOINTS.',
    saidNothing: 'no outcome and no error',
    refusal: (parts: readonly string[]) => parts.join(': '),
    seeLog: "Look at the function's log.",
    seeStack: 'See the stack in the console.',
  },
  'zh-CN': {
    checks: {
      unsigned: '未签名的请求',
      reverse: '撤销',
      state: '查单',
      send: '发送',
      workedOff: '处理',
      execution: '执行',
      function: '函数',
      bus: '事件总线',
    },
    seen: (what, how) => `${what}，${how}`,

    refused: (status) => `被拒绝，HTTP ${status}`,
    letIn: (status) => `HTTP ${status}：没有签名的请求也放行了`,
    seeAuthorizer: '请检查各路由的授权方（authorizer）。',
    answered: (status, message) => `HTTP ${status}：${message}`,
    signIn: '请换用对这个 API 有 execute-api:Invoke 权限的身份，并检查 --region。',
    noAnswer: (why) => `没有应答：${why}`,
    seeAddress: '请检查地址（--api）和网络。',

    message: (id) => `消息 ${id}`,
    notSent: '没能发送',
    byLog: '依据函数的日志',
    byDeadLetter: '依据它的死信',
    byCounts: '从队列的计数看，它已经离开队列',
    beSure:
      '计数只是约数，也包括别人的消息。要确认，请让当前身份能读函数的日志（logs:FilterLogEvents），或指出日志组：--log-group',
    neverWorkedOff: (seconds) => `${seconds} 秒之内没有任何结果`,
    seeQueue: '请看队列函数的日志，以及它的事件源映射是否启用。这笔订单可以留着：它不属于任何人。',

    execution: (status) => `执行 ${status}`,
    stillRunning: (seconds) => `${seconds} 秒之后仍在运行`,
    lookAtExecution: (arn) => `请在控制台查看：${arn}`,
    invoked: '直接调用',

    noBusName: '没有给出名称',
    busThere: (name) => `${name} 存在`,
    noBus: (name) => `没有事件总线 ${name}：队列里的订单有了结果，也没有人会知道`,
    makeBus: '请重新创建（运维手册“事件总线被删”），再补上监听方错过的结果。',

    fixes: {
      UnknownMerchant: '请给出已配置商户的 --mchid，或把它的 JSON 写入部署的 secret：npm run secret',
      CredentialsUnavailable: '请把正确的 JSON 写入 secret（npm run secret）；哪里不对：npm run doctor',
      ReversalRejected: '请给出与该商户绑定的 appid、属于该服务商的 --sub-mchid，并检查权限：npm run doctor',
    },
    pending: (reason) => `PENDING：${reason}`,
    seeSigned: '请检查能否连上微信支付、“订单不存在”的应答有没有签名：npm run doctor，以及日志。',
    ofNoOrder: (outcome) => `一笔不存在的订单，结果却是 ${outcome}`,
    seeEndpoints: '请检查 WECHATPAY_ENDPOINTS。',
    saidNothing: '既没有结果，也没有错误',
    refusal: (parts) => parts.join('：'),
    seeLog: '请看函数的日志。',
    seeStack: '请在控制台查看堆栈。',
  },
})
