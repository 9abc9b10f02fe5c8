import type { SettlementName } from '../../lib/settlement/table.ts'
import { inLanguage } from '../language/in-language.ts'
import { counted } from '../operator/table.ts'

const number = (value: number) => value.toLocaleString('en')

export const text = inLanguage({
  en: {
    description:
      "Reads WeChat Pay's trade bill (交易账单) of a day: lists the orders that were reversed, and says of each given result how the books settle it, by the bills of the days after where it needs them. Changes nothing.\nExit code 0: all settled, 1: some disagree, or a bill or a line is refused, 2: some must wait.",
    examples: {
      day: 'what was reversed that day',
      orders: 'settle the results of that day',
      keep: 'and keep all of it, for npm run verify',
    },
    date: 'the day of the bill, in China',
    orders: 'results to settle: one a line as JSON, as the service returned them, or events',
    save: 'keep the bill of the day, uncompressed; it holds personal data',
    json: 'print all that was found as JSON',

    giveDay: 'Give a day as yyyy-mm-dd, for example --date 2026-11-27.',
    noDay: '--date: must be a day, yyyy-mm-dd',
    inFuture: (date: string, today: string) => `--date: ${date} is in the future: in China it is ${today}`,
    tooOld: (date: string, oldest: string) =>
      `--date: ${date} is older than three months: WeChat Pay keeps bills from ${oldest} on`,
    downloadThere: 'Download it on the merchant platform (交易中心 → 交易账单).',

    /** `date` is of the kind 2026-11-29 10:00, in China; `utc` 02:00. */
    when: (date: string, utc: string) => `${date} in China (${utc} UTC)`,
    again: (first: string) => `Run it again after ${first}.`,
    againUntil: (first: string, last: string) => `Run it again after ${first}; the last can wait until ${last}.`,
    notReturned: 'Paid and not returned. If it must be:',
    disagreeing: 'What each that disagrees means: docs/runbook.md, disagreeing-books.',

    progress: (date: string) => `bill of ${date}`,
    noBill: (date: string) => `${date}: no bill, says WeChat Pay`,
    bill: (date: string, rows: number, sha1: string) => `${date}: ${counted(rows, 'row')}, SHA-1 ${sha1}`,
    kept: (name: string) => `kept as ${name}: it holds personal data, and only you may read it`,
    nothingToKeep: '--save: there is no file to keep',
    isTaken: (path: string) => `--save: ${path} is there already`,
    otherName: 'Give another name, or move it away.',
    notSaved: (path: string, code: string) => `--save: ${path} could not be written (${code})`,

    billOf: (date: string, mchid: string) => `Trade bill of ${date} of merchant ${mchid}`,
    notMade: (why: string) => `Not made yet: ${why}.`,
    madeAt: (when: string) => `it is made at ${when}`,
    says: (detail: string) => `WeChat Pay says ${detail}`,
    nothingThatDay: 'There is none: nothing was paid or returned that day, says WeChat Pay.',
    found: (rows: number, reversed: number) => `${counted(rows, 'row')}, ${counted(reversed, 'reversed order')}.`,
    dayHead: { at: 'at', order: 'reversed order', returned: 'returned' },
    and: ', ',
    yuan: (sum: string) => `${sum} yuan`,
    unreadableSum: 'a sum we cannot read',
    otherDay: 'payment not in this bill',
    paidAt: (sum: string, time: string) => `of ${sum} paid at ${time}`,
    told: (outcome: string) => `told ${outcome}`,
    notListed: 'not in the list',

    results: (count: number, path: string) => `${counted(count, 'result')} in ${path}`,
    resultsHead: { line: 'line', order: 'order', books: 'the books say' },
    mustWait: 'must wait',
    noNeed: 'no need',
    /** These were proved when they were told. */
    proved: {
      REFUNDED: 'proved when it was told: paid, and returned',
      CLOSED: 'proved when it was told: nobody was charged',
    },
    settlements: {
      REFUNDED: 'REFUNDED',
      NEVER_PAID: 'NEVER_PAID',
      PAID: 'PAID',
      DISAGREES: 'DISAGREES',
    } satisfies Record<SettlementName, string>,
    count: (count: string, what: string) => `${count} ${what}`,
    inAll: (what: string, sum: string) => `${what}, ${sum} in all`,

    line: (path: string, line: number, problem: string) => `${path}, line ${line}: ${problem}`,
    moreLines: (count: number) => `and ${counted(count, 'more line')}`,
    takeOut: 'Nothing was settled. Take these lines out, or give the list of another merchant its own --merchant.',
    notJson: 'is not JSON',
    isRefusal: 'error: it is a refusal, not a result',
    isPending: 'outcome: PENDING is not how it ended',
    otherMerchant: (field: string, is: string, given: string) => `${field}: is ${is}, and --merchant is ${given}`,

    refused: (date: string, why: string) => `the bill of ${date} is refused: ${why}`,
    refusedByWechatPay: (date: string, said: string) => `WeChat Pay refuses the bill of ${date}: ${said}`,
    withRequest: (words: string, id: string) => `${words} (Request-ID ${id})`,
    tryAgain: 'Run it again; if it stays so, look at the network between here and WeChat Pay.',
    inBetween:
      'If WeChat Pay has a new domain, name it with --endpoints (WECHATPAY_ENDPOINTS); else somebody stands in between.',
    changed: 'WeChat Pay signed these bytes, and we cannot read them: keep them with --save, and look at them.',
    putRight:
      'Put right what WeChat Pay names. NO_AUTH: this merchant may not read bills; the merchant platform gives the permission.',
    lookAtKeys: 'See whether the keys are right: npm run doctor -- --merchant',
    askWechatPay: 'Ask WeChat Pay, and quote the Request-ID.',
    changedOnWay: 'Run it again; if it stays so, somebody changes the bill on its way.',
  },
  'zh-CN': {
    description:
      '下载微信支付某一天的交易账单：列出被撤销的订单，并说明账单如何了结给出的每个结果；需要时也看其后几天的账单。不做任何改动。\n退出码 0：全部了结；1：有矛盾，或有账单、有行不能用；2：有的还要等。',
    examples: {
      day: '那一天撤销了哪些订单',
      orders: '了结那一天的结果',
      keep: '并全部留存，供 npm run verify 检验',
    },
    date: '账单的日期，北京时间',
    orders: '要了结的结果：每行一个 JSON，即服务返回的结果，或事件',
    save: '留存那一天的账单，不压缩；含个人信息',
    json: '以 JSON 输出查到的全部内容',

    giveDay: '请按 yyyy-mm-dd 写日期，例如 --date 2026-11-27。',
    noDay: '--date：必须是日期，yyyy-mm-dd',
    inFuture: (date, today) => `--date：${date} 还没到：北京时间今天是 ${today}`,
    tooOld: (date, oldest) => `--date：${date} 在三个月之前：微信支付只保留 ${oldest} 以来的账单`,
    downloadThere: '请在商户平台下载（交易中心 → 交易账单）。',

    when: (date, utc) => `北京时间 ${date}（UTC ${utc}）`,
    again: (first) => `${first}之后再执行一次。`,
    againUntil: (first, last) => `${first}之后再执行一次；最晚的要等到${last}。`,
    notReturned: '已支付，没有退回。如果应该退：',
    disagreeing: '每种矛盾的含义：docs/runbook.zh-CN.md 的 disagreeing-books。',

    progress: (date) => `${date} 的账单`,
    noBill: (date) => `${date}：微信支付说，没有账单`,
    bill: (date, rows, sha1) => `${date}：${number(rows)} 条记录，SHA-1 ${sha1}`,
    kept: (name) => `已存为 ${name}：含个人信息，只有当前用户能读`,
    nothingToKeep: '--save：没有可以留存的文件',
    isTaken: (path) => `--save：${path} 已经存在`,
    otherName: '请换一个名字，或把它移走。',
    notSaved: (path, code) => `--save：${path} 写不了（${code}）`,

    billOf: (date, mchid) => `商户 ${mchid} ${date} 的交易账单`,
    notMade: (why) => `尚未生成：${why}。`,
    madeAt: (when) => `${when}生成`,
    says: (detail) => `微信支付的应答是 ${detail}`,
    nothingThatDay: '没有账单：微信支付说，那一天没有付款，也没有退款。',
    found: (rows, reversed) => `${number(rows)} 条记录，其中被撤销的订单 ${number(reversed)} 笔。`,
    dayHead: { at: '时间', order: '被撤销的订单', returned: '退回' },
    and: '，',
    yuan: (sum) => `${sum} 元`,
    unreadableSum: '金额读不出来',
    otherDay: '付款不在这份账单里',
    paidAt: (sum, time) => `${time} 付了 ${sum}`,
    told: (outcome) => `给出的结果：${outcome}`,
    notListed: '不在给出的结果里',

    results: (count, path) => `${path} 中的 ${number(count)} 个结果`,
    resultsHead: { line: '行', order: '订单', books: '账单的结论' },
    mustWait: '还要等',
    noNeed: '不用查账单',
    proved: {
      REFUNDED: '给出时已经证明：已支付，钱已退',
      CLOSED: '给出时已经证明：没有人被扣款',
    },
    settlements: {
      REFUNDED: 'REFUNDED（已支付，款项已退回）',
      NEVER_PAID: 'NEVER_PAID（没有人被扣款）',
      PAID: 'PAID（已支付，款项保留）',
      DISAGREES: 'DISAGREES（账单与给出的结果矛盾）',
    },
    count: (count, what) => `${count} 个：${what}`,
    inAll: (what, sum) => `${what}，共 ${sum}`,

    line: (path, line, problem) => `${path} 第 ${line} 行：${problem}`,
    moreLines: (count) => `还有 ${count} 行`,
    takeOut: '什么都没有了结。请去掉这些行；别的商户的结果，请另用它的 --merchant。',
    notJson: '不是 JSON',
    isRefusal: 'error：这是拒绝，不是结果',
    isPending: 'outcome：PENDING 不是最终结果',
    otherMerchant: (field, is, given) => `${field}：是 ${is}，而 --merchant 是 ${given}`,

    refused: (date, why) => `${date} 的账单不能用：${why}`,
    refusedByWechatPay: (date, said) => `微信支付拒绝给出 ${date} 的账单：${said}`,
    withRequest: (words, id) => `${words}（Request-ID ${id}）`,
    tryAgain: '请再执行一次；如果仍然这样，请检查本机到微信支付之间的网络。',
    inBetween: '如果是微信支付的新域名，请写进 --endpoints（WECHATPAY_ENDPOINTS）；否则就是有中间人。',
    changed: '这些内容有微信支付的签名，但我们读不懂：请用 --save 留存，再查看。',
    putRight: '请解决微信支付指出的问题。NO_AUTH：该商户没有下载账单的权限；权限在商户平台开通。',
    lookAtKeys: '看看密钥对不对：npm run doctor -- --merchant',
    askWechatPay: '请联系微信支付，并提供 Request-ID。',
    changedOnWay: '请再执行一次；如果仍然这样，就是有人在途中改动账单。',
  },
})
