import { inLanguage } from '../language/in-language.ts'

/** What `package` and `deploy` say about a deployment. osls's and AWS's own words stand beside it as they came. */
export const text = inLanguage({
  en: {
    stage: 'the deployment; two live side by side in one account (default: dev)',
    region: 'the AWS region (default: that of the shell, else ap-southeast-1)',
    param: 'a value of `params` in serverless.yml, for this once',
    isLocal: (stage: string) => `${stage} is what every command calls the stack of npm start`,
    otherStage: 'Give another name: --stage dev',
    badStage: (stage: string) => `${stage} cannot be the name of a stage`,
    goodStage: 'Give letters, digits and hyphens: --stage prod',
    noParam: (name: string) => `serverless.yml has no parameter ${name}`,
    params: (names: readonly string[]) => `There are: ${names.join(', ')}`,

    oslsFailed: (what: string) => `osls ${what} failed`,
    reasonAbove: 'The reason stands above.',
    oslsFailedBecause: (what: string, reason: string) => `osls ${what} failed: ${reason}`,

    wouldFail: 'this would not deploy, so nothing was sent',
    change: 'Change what stands above.',

    limits: {
      name: (name: string, length: number, longest: number) =>
        `the name ${name} is too long: ${length} characters, AWS takes ${longest}`,
      shorterStage: (by: number) => `Choose a --stage that is shorter by ${by}.`,
      variables: (name: string, bytes: number, most: number) =>
        `the variables of ${name} take ${bytes} bytes, Lambda gives ${most}`,
      fewerVariables:
        'Name fewer merchants in params.merchants (each is read when its first order comes), or fewer endpoints.',
      policies: (role: string, characters: number, most: number) =>
        `the policies of ${role} have ${characters} characters, IAM takes ${most}`,
      shorterPolicies: 'Shorten them.',
      resources: (count: number, most: number) => `the template has ${count} resources, CloudFormation takes ${most}`,
      fewerResources: 'Take some out.',
      bytes: (bytes: number, most: number) => `the template has ${bytes} bytes, CloudFormation takes ${most}`,
      fewerBytes: 'Take something out.',
      nobody: 'the alarms reach nobody: alarmEmail and alarmTopic are both empty',
      somebody: 'Set one of them under your stage in params of serverless.yml, or subscribe to the topic by hand.',
    },

    account: {
      state: (stack: string, state: string) => `the stack ${stack} is in the state ${state}`,
      inProgress: 'Somebody is deploying. Wait until it ends.',
      neverThere: (command: string) => `Its first deploy failed. Delete it: ${command}`,
      notBack: (command: string) => `Let it go back first: ${command}`,
      concurrency: (wanted: number, free: number, quota: number, unreserved: number) =>
        `the functions reserve ${wanted} concurrent executions, and this account has ${free} to give ` +
        `(quota ${quota}, of which ${unreserved} must stay unreserved)`,
      moreConcurrency:
        'Ask for a higher quota (Service Quotas, AWS Lambda, Concurrent executions), ' +
        'or set reserveConcurrency: "no" under your stage in params of serverless.yml.',
      queue: (name: string) => `queue ${name}`,
      eventBus: (name: string) => `event bus ${name}`,
      function: (name: string) => `function ${name}`,
      taken: (what: string, stack: string) => `there is a ${what} already, and no stack ${stack} that it belongs to`,
      untaken: 'Delete it if nobody needs it, or choose another --stage.',
      oldSecrets: (prefix: string) => `merchants' secrets of an earlier deployment are there, under ${prefix}`,
      protectThem:
        'They stay as they are. After the deploy let the new functions read them: runbook, "Secrets that outlived their stack".',
      notLooked: (what: string, why: string) => `could not look at ${what} (${why})`,
      lookThere: 'If the deploy fails, look there.',
      quota: 'the concurrency quota',
      leftovers: 'what is left of an earlier try',
    },
  },
  'zh-CN': {
    stage: '哪个环境；同一账号里可以并存多个（默认：dev）',
    region: 'AWS 区域（默认：终端里的设置，否则 ap-southeast-1）',
    param: 'serverless.yml 里 params 的某个值，只用于这一次',
    isLocal: (stage) => `${stage} 专指 npm start 在本机启动的服务`,
    otherStage: '请换一个名称：--stage dev',
    badStage: (stage) => `${stage} 不能作为环境的名称`,
    goodStage: '只能用字母、数字和连字符：--stage prod',
    noParam: (name) => `serverless.yml 里没有参数 ${name}`,
    params: (names) => `可用的参数：${names.join('、')}`,

    oslsFailed: (what) => `osls ${what} 失败`,
    reasonAbove: '原因见上文。',
    oslsFailedBecause: (what, reason) => `osls ${what} 失败：${reason}`,

    wouldFail: '这样部署不会成功，所以什么都没有发送',
    change: '请先照上文改正。',

    limits: {
      name: (name, length, longest) => `名称 ${name} 太长：${length} 个字符，AWS 最多允许 ${longest} 个`,
      shorterStage: (by) => `请换一个更短的 --stage，至少短 ${by} 个字符。`,
      variables: (name, bytes, most) => `${name} 的环境变量共 ${bytes} 字节，Lambda 最多允许 ${most} 字节`,
      fewerVariables:
        '请在 params.merchants 里少写几个商户（没写的，第一笔订单到来时才读取），或少写几个微信支付域名。',
      policies: (role, characters, most) => `${role} 的策略共 ${characters} 个字符，IAM 最多允许 ${most} 个`,
      shorterPolicies: '请缩短这些策略。',
      resources: (count, most) => `模板有 ${count} 个资源，CloudFormation 最多允许 ${most} 个`,
      fewerResources: '请去掉一些资源。',
      bytes: (bytes, most) => `模板有 ${bytes} 字节，CloudFormation 最多允许 ${most} 字节`,
      fewerBytes: '请去掉一些内容。',
      nobody: '告警没有人收到：alarmEmail 和 alarmTopic 都是空的',
      somebody: '请在 serverless.yml 的 params 里给这个环境设置其中一个，或手工订阅告警的 SNS 主题。',
    },

    account: {
      state: (stack, state) => `堆栈 ${stack} 的状态是 ${state}`,
      inProgress: '有人正在部署。请等它结束。',
      neverThere: (command) => `它的第一次部署就失败了。请删除它：${command}`,
      notBack: (command) => `请先让它回退完：${command}`,
      concurrency: (wanted, free, quota, unreserved) =>
        `函数要预留 ${wanted} 个并发，这个账号只能给出 ${free} 个（配额 ${quota}，其中 ${unreserved} 个不能预留）`,
      moreConcurrency:
        '请申请提高配额（Service Quotas，AWS Lambda，Concurrent executions），' +
        '或在 serverless.yml 的 params 里给这个环境设 reserveConcurrency: "no"。',
      queue: (name) => `队列 ${name}`,
      eventBus: (name) => `事件总线 ${name}`,
      function: (name) => `函数 ${name}`,
      taken: (what, stack) => `已经有${what}，却没有它所属的堆栈 ${stack}`,
      untaken: '没有人要就删掉它，或换一个 --stage。',
      oldSecrets: (prefix) => `${prefix} 下有以前部署留下的商户 secret`,
      protectThem: '它们保持原样。部署之后，请让新的函数能读它们：见运维手册“堆栈删除之后留下的 secret”。',
      notLooked: (what, why) => `没能检查${what}（${why}）`,
      lookThere: '如果部署失败，请先看这里。',
      quota: '并发配额',
      leftovers: '以前部署留下的东西',
    },
  },
})
