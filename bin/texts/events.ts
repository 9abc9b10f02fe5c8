import { inLanguage } from '../language/in-language.ts'

export const text = inLanguage({
  en: {
    description:
      "Shows the events of the local stack's bus: Reversal Completed, Failed and Settled, oldest first; times are China's.",
    examples: {
      all: 'every outcome so far, a line each',
      follow: 'and what comes, until Ctrl-C',
      json: 'whole, for npm run settle -- --orders',
    },
    stage: (local: string) => `${local}: the stack of npm start`,
    type: 'only those of this type',
    follow: 'go on until Ctrl-C',
    json: 'whole, as a rule hands them to its target: one a line',

    none: 'No events yet. Make one: npm run try -- paid',
    notReadable: (stage: string) =>
      `the events of stage ${stage} cannot be read back: EventBridge hands them on, and keeps none`,
    giveTarget: (bus: string) =>
      [
        `Give the bus ${bus} a rule whose target keeps them, a queue or a log group (pattern:`,
        '    docs/examples/event-pattern.json). One order now: npm run state. What is past: the results stand in the logs of the',
        '    functions, a line each ("reversal completed", "reversal failed").',
      ].join('\n'),
  },
  'zh-CN': {
    description:
      '列出本机服务的事件总线上的事件：Reversal Completed、Reversal Failed 和 Reversal Settled。从旧到新，北京时间。',
    examples: {
      all: '到目前为止的全部结果，每行一个',
      follow: '还有之后到来的，直到 Ctrl-C',
      json: '完整的事件，供 npm run settle -- --orders 使用',
    },
    stage: (local) => `${local}：npm start 在本机启动的服务`,
    type: '只看这一类',
    follow: '一直看下去，直到 Ctrl-C',
    json: '完整输出，与规则交给目标的一样：每行一个',

    none: '还没有事件。产生一个：npm run try -- paid',
    notReadable: (stage) => `环境 ${stage} 的事件读不回来：EventBridge 只转交，不留存`,
    giveTarget: (bus) =>
      [
        `请给事件总线 ${bus} 加一条规则，目标是能留存事件的队列或日志组`,
        '    （事件模式：docs/examples/event-pattern.json）。',
        '    只看一笔订单的现状：npm run state。过去的结果在各函数的日志里，每个一行：',
        '    "reversal completed" 或 "reversal failed"。',
      ].join('\n'),
  },
})
