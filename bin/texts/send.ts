import { inLanguage } from '../language/in-language.ts'
import { counted } from '../operator/table.ts'

const number = (value: number) => value.toLocaleString('en')

export const text = inLanguage({
  en: {
    description:
      'Puts a list of orders on the queue: JSON, one order a line, or CSV with the names of columns in its first line.\n' +
      'Every line is looked at first; nothing is sent while one of them is no order. Sending twice is harmless.\n' +
      'Exit code 0: all are on the queue.',
    examples: {
      look: 'look at every line, and send nothing',
      send: 'send them; the same again goes on where it stopped',
      address: 'without asking, to a queue by its address',
    },
    list: 'a file that ends in .jsonl or .csv',
    queue: "the queue's address (default: from the stack)",
    dryRun: 'only look at the list',
    again: 'send it from its top, although a part was sent before',
    yes: 'do not ask before anything is sent; a script needs it',

    lookingAt: (path: string) => `Looking at ${path}.`,
    wasDryRun: 'Nothing was sent: this was a dry run.',
    sentBefore: (count: number) => `${number(count)} of them were sent before: this goes on after them.`,
    queueOf: (stage: string, region: string) => `the queue of stage ${stage} in ${region}`,
    ask: (count: number, where: string) => `Put ${counted(count, 'order')} on ${where}?`,
    sent: (count: number) => `${counted(count, 'order')} ${count === 1 ? 'is' : 'are'} on the queue.`,
    later: (command: string) => `Those that need a person, later: ${command}`,
    stopped: 'stopped before its end',
    howFar: (trouble: string, sent: number, all: number) =>
      `${trouble}; ${number(sent)} of ${number(all)} are on the queue`,
    goOn: 'The same command goes on there.',
    both: (first: string, then: string) => `${first} ${then}`,
    noQueue: 'the stack does not name its queue',
    giveQueue: 'Give --queue.',
    notTaken: (order: string, said: string) => `SQS does not take order ${order}: ${said}`,

    found: (path: string, orders: number, merchants: number) =>
      `${path}: ${counted(orders, 'order')} of ${merchants === 1 ? 'one merchant' : counted(merchants, 'merchant')}.`,
    allKept: 'What is paid is kept.',
    allRefunded: 'What is paid is refunded.',
    someKept: (count: number) => `What is paid is refunded; ${number(count)} ${count === 1 ? 'is' : 'are'} kept then.`,
    repeated: (count: number) => `${number(count)} named above already: sent twice, which is harmless`,
    undated: (count: number) => `${number(count)} without attempted_at: their 7 days count from now`,
    late: (count: number) =>
      `${number(count)} attempted more than 7 days ago: what is still open is not reversed any more`,
    empty: (path: string) => `${path} holds no order: there is nothing to send`,

    line: (line: number, problem: string) => `line ${line}: ${problem}`,
    more: (count: number) => `and ${number(count)} more`,
    noOrders: (count: number, lines: number) =>
      `${number(count)} of ${number(lines)} lines ${count === 1 ? 'is no order' : 'are no orders'}; nothing was sent`,
    correct: 'Correct the list and give it again: its other lines are in order.',
    tooLong: (kibibytes: number) => `is longer than ${kibibytes} KiB`,
    tooLongUnlessClosed: (kibibytes: number) => `is longer than ${kibibytes} KiB: is a quote (") not closed?`,
    tooLarge: (bytes: number) => `is more than a message can carry: ${bytes} bytes`,
    strayQuote: 'a quote (") stands where none may, or is not closed',
    cells: (cells: number, columns: number) => `has ${cells} cells under ${columns} columns`,
    rounded: (column: string) => `${column}: a spreadsheet has rounded the number: save that column as text`,
    contradicts: (line: number, says: string) => `if_paid: line ${line} says ${says} of the same order`,

    neither: (path: string) => `${path} is neither .jsonl nor .csv`,
    giveList: 'Give one order a line, as JSON or under the names of columns.',
    header: (columns: string) => `The first line names the columns, with commas between them: ${columns}`,
    unknownColumn: (name: string) => `${name} is no column of an order`,
    columnTwice: (name: string) => `the column ${name} stands twice`,
    historyInCsv: 'history cannot come from CSV',
    giveJson: 'Give such orders as JSON, one a line.',
    notUtf8: (path: string, line: number) => `${path}: about line ${line} is not in UTF-8`,
    saveAsUtf8: 'Save it as "CSV UTF-8", or write it in UTF-8 (not GBK).',
    changed: (path: string, line: number) => `${path} was changed meanwhile: line ${line} is no order`,

    noProgress: (path: string) => `${path} does not say how far the list was sent`,
    sendAgain: 'Give --again to send the list from its top: what was sent is sent twice, which is harmless.',
    otherQueue: (sent: number, all: number, queue: string) =>
      `${sent} of ${all} orders were sent to another queue: ${queue}`,
    goOnThere: 'Go on there with --queue.',
    listChanged: (sent: number, all: number) => `${sent} of ${all} orders were sent, and the list has changed since`,
    progressNotWritten: (path: string, code: string) =>
      `${path} cannot be written (${code}): it keeps how far the list is sent`,
    writableFolder: 'Put the list into a folder that you may write to.',
  },
  'zh-CN': {
    description:
      '把一份订单清单放进队列：JSON，每行一笔；或 CSV，第一行是列名。\n' +
      '先逐行检查；只要有一行不是订单，就一笔也不发送。重复发送没有害处。\n' +
      '退出码 0：全部已放进队列。',
    examples: {
      look: '只逐行检查，不发送',
      send: '发送；中断后重复同一命令，从断处继续',
      address: '不用确认，直接给出队列地址',
    },
    list: '以 .jsonl 或 .csv 结尾的文件',
    queue: '队列地址（默认：取自部署）',
    dryRun: '只检查，不发送',
    again: '即使已发送过一部分，也从头发送',
    yes: '发送之前不用确认；脚本需要它',

    lookingAt: (path) => `正在检查 ${path}`,
    wasDryRun: '只检查了，什么都没有发送。',
    sentBefore: (count) => `其中 ${number(count)} 笔此前已发送：接着发后面的。`,
    queueOf: (stage, region) => `${region} 的环境 ${stage} 的队列`,
    ask: (count, where) => `把 ${number(count)} 笔订单放进 ${where}吗？`,
    sent: (count) => `${number(count)} 笔订单已放进队列。`,
    later: (command) => `稍后查看需要人工处理的：${command}`,
    stopped: '没有发完就停了',
    howFar: (trouble, sent, all) => `${trouble}；共 ${number(all)} 笔，已放进队列 ${number(sent)} 笔`,
    goOn: '重复同一命令，从断处继续。',
    both: (first, then) => first + then,
    noQueue: '部署没有说明它的队列',
    giveQueue: '请给出 --queue。',
    notTaken: (order, said) => `SQS 不接收订单 ${order}：${said}`,

    found: (path, orders, merchants) => `${path}：${number(orders)} 笔订单，${number(merchants)} 个商户。`,
    allKept: '已支付的会保留。',
    allRefunded: '已支付的会退款。',
    someKept: (count) => `已支付的会退款；写明保留的 ${number(count)} 笔除外。`,
    repeated: (count) => `${number(count)} 笔在前面已出现过：会发送两次，没有害处`,
    undated: (count) => `${number(count)} 笔没有 attempted_at：7 天期限从现在算起`,
    late: (count) => `${number(count)} 笔的付款发起于 7 天之前：如果还没有结果，也不会再撤销`,
    empty: (path) => `${path} 里没有订单：没什么可发送`,

    line: (line, problem) => `第 ${line} 行：${problem}`,
    more: (count) => `还有 ${number(count)} 行`,
    noOrders: (count, lines) => `共 ${number(lines)} 行，其中 ${number(count)} 行不是订单；什么都没有发送`,
    correct: '请改正后重复同一命令：其余各行没有问题。',
    tooLong: (kibibytes) => `超过 ${kibibytes} KiB`,
    tooLongUnlessClosed: (kibibytes) => `超过 ${kibibytes} KiB：是不是少了右引号（"）？`,
    tooLarge: (bytes) => `${bytes} 字节，一条消息装不下`,
    strayQuote: '引号（"）的位置不对，或没有成对',
    cells: (cells, columns) => `有 ${cells} 个单元格，列却有 ${columns} 个`,
    rounded: (column) => `${column}：数字被电子表格舍入了：请把这一列存为文本`,
    contradicts: (line, says) => `if_paid：同一订单，第 ${line} 行写的是 ${says}`,

    neither: (path) => `${path} 既不是 .jsonl，也不是 .csv`,
    giveList: '请每行写一笔订单：JSON；或 CSV，第一行是列名。',
    header: (columns) => `第一行是列名，用英文逗号分隔：${columns}`,
    unknownColumn: (name) => `订单没有 ${name} 这一列`,
    columnTwice: (name) => `列 ${name} 出现了两次`,
    historyInCsv: 'CSV 里不能有 history',
    giveJson: '这样的订单请用 JSON，每行一笔。',
    notUtf8: (path, line) => `${path}：第 ${line} 行附近不是 UTF-8`,
    saveAsUtf8: '请另存为“CSV UTF-8”，或用 UTF-8 编码写文件（不要用 GBK）。',
    changed: (path, line) => `${path} 在此期间被改过：第 ${line} 行不是订单`,

    noProgress: (path) => `${path} 没有说明清单发送到了哪里`,
    sendAgain: '加上 --again 可从头发送：已发送的会再发一次，没有害处。',
    otherQueue: (sent, all, queue) => `共 ${all} 笔订单，${sent} 笔已发送到另一个队列：${queue}`,
    goOnThere: '要接着发，请用 --queue 给出那个队列。',
    listChanged: (sent, all) => `共 ${all} 笔订单，已发送 ${sent} 笔，此后清单被改过`,
    progressNotWritten: (path, code) => `${path} 写不了（${code}）：它记录清单发送到了哪里`,
    writableFolder: '请把清单放到可以写入的文件夹里。',
  },
})
