import { inLanguage } from '../language/in-language.ts'

export const text = inLanguage({
  en: {
    description:
      'Shows the time of the local stack or the sandbox, in China, and sets it forward. Functions, queue, state machine, schedules and WeChat Pay all go by it. It never goes back.',
    examples: {
      show: 'show the time',
      forward: 'seven days on: what is still open expires',
      to: 'to when the settlement runs, in China',
    },
    tomorrow: 'tomorrow 10:15',
    forward: 'by so much: 90s, 15min, 12h, 7d, 1d12h',
    to: (tomorrow: string) => `to a time in China: "${tomorrow}", "2026-12-05 10:15", or 10:15, the next one`,
    stage: 'the stack of npm start',
    sandbox: 'that of npm run sandbox',
    json: 'print the time as JSON',

    noDuration: (given: string) => `--forward: ${given} is no length of time`,
    giveDuration: 'Give for example: 7d, 12h or 90s',
    aSecond: '--forward: it must be a second at least',
    tooFar: (days: number) => `a clock goes forward by ${days} days at most, each time`,
    noMoment: (given: string) => `--to: ${given} is no moment`,
    giveMoment: (tomorrow: string) => `Give for example: --to "${tomorrow}"`,
    past: (given: string, now: string) => `--to: ${given} is past: it is ${now} in China`,
    forwardOnly: 'A clock goes forward alone.',

    stack: (now: string) => `${now} in China, on the local stack`,
    inSandbox: (now: string) => `${now} in China, on the sandbox`,
    went: (by: string, ahead: string) => `${by} later; ${ahead}`,
    same: 'as on this machine',
    ahead: (by: string) => `${by} ahead of this machine`,
  },
  'zh-CN': {
    description:
      '显示本机服务或沙箱的时间（北京时间），也可以把它拨快。函数、队列、状态机、定时任务和微信支付都跟着走。只能拨快，不能拨回。',
    examples: {
      show: '看现在几点',
      forward: '拨快七天：还没有结果的订单会过期',
      to: '拨到账单了结的时刻，北京时间',
    },
    tomorrow: '明天 10:15',
    forward: '拨快多久：90s（秒）、15min（分钟）、12h（小时）、7d（天）、1d12h',
    to: (tomorrow) => `拨到什么时刻，北京时间："${tomorrow}"、"2026-12-05 10:15"，或下一个 10:15`,
    stage: 'npm start 在本机启动的服务',
    sandbox: 'npm run sandbox 启动的沙箱',
    json: '以 JSON 输出时间',

    noDuration: (given) => `--forward：${given} 不是一段时间`,
    giveDuration: '请这样写：7d、12h 或 90s',
    aSecond: '--forward：至少要一秒',
    tooFar: (days) => `时钟每次最多拨快 ${days} 天`,
    noMoment: (given) => `--to：${given} 不是一个时刻`,
    giveMoment: (tomorrow) => `请这样写：--to "${tomorrow}"`,
    past: (given, now) => `--to：${given} 已经过去：现在是北京时间 ${now}`,
    forwardOnly: '时钟只能拨快，不能拨回。',

    stack: (now) => `本机服务：北京时间 ${now}`,
    inSandbox: (now) => `沙箱：北京时间 ${now}`,
    went: (by, ahead) => `拨快了 ${by}；${ahead}`,
    same: '与本机时钟一致',
    ahead: (by) => `比本机时钟快 ${by}`,
  },
})
