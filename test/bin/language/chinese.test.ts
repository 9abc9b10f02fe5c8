import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { startSimulator } from '../../../infra/local/wechatpay/server.ts'
import { file, runCommand } from '../run-command.ts'
import { runInChinese, sentencesIn } from './in-chinese.ts'

const mistakes: [args: string[], says: RegExp][] = [
  [['--merchan'], /^错误：没有选项 --merchan\n（是不是 --merchant？）\n查看全部选项：/],
  [[], /^错误：缺少参数 out_trade_no/],
  [['a'], /^错误：缺少必需的选项 -m, --merchant/],
  [['a', '-m'], /^错误：选项 -m, --merchant .* 缺少值/],
  [['a', 'b'], /^错误：参数过多：最多 1 个，给了 2 个。/],
  [['a', '--if-paid', 'no'], /^错误：选项 --if-paid <what> 的值 no 无效。可选：refund、keep。/],
  [['a', '--lang', 'fr'], /^错误：选项 --lang <language> 的值 fr 无效。可选：en、zh-CN。/],
  [['a', '-m', 'none.json'], /^✘ 没有文件 none\.json\n {2}→ 请检查路径/],
]

for (const [args, says] of mistakes) {
  test(`told in Chinese: reverse ${args.join(' ')}`, async () => {
    const { code, stderr } = await runInChinese('reverse', args)
    assert.equal(code, 1)
    assert.match(stderr, says)
    assert.deepEqual(sentencesIn(stderr), [])
  })
}

test('--lang goes before the locale', async () => {
  assert.match((await runInChinese('state', ['--help', '--lang', 'en'])).stdout, /^Usage: npm run state/)
  assert.match((await runCommand('state', ['--help', '--lang', 'zh-CN'])).stdout, /^用法: npm run state/)
})

const wechatPay = await startSimulator()
after(() => wechatPay.close())
const { mchid, appid, secret } = wechatPay.simulator.openMerchant()
const common = ['--merchant', file('merchant.json', secret), '--endpoints', wechatPay.endpoints.join()]

test('a paid order in Chinese: looked at, announced, reversed', async () => {
  wechatPay.simulator.placeOrder({ mchid, appid, out_trade_no: 'order-1' }, 'SUCCESS')
  const seen = await runInChinese('state', ['order-1', ...common])
  assert.match(seen.stdout, RegExp(`^SUCCESS：支付成功\n {2}order +商户 ${mchid} 的 order-1, ${appid}\n`))
  const attempted = new Date(Date.now() - 600_000).toISOString()
  const reversed = await runInChinese('reverse', ['order-1', ...common, '--attempted-at', attempted, '--yes'])
  assert.equal(reversed.stderr, `商户 ${mchid} 的订单 order-1：SUCCESS（支付成功）。将撤销它：钱退给用户。\n`)
  assert.match(reversed.stdout, /^REFUNDED：付过款，微信支付正在把钱退给用户\n[\s\S]*refunded +是[\s\S]*2 份签名应答/)
  assert.equal(reversed.code, 0)
})

test('an order that waits says why in Chinese; what WeChat Pay answered stays as it came', async () => {
  wechatPay.simulator.placeOrder({ mchid, appid, out_trade_no: 'order-2' }, 'NOTPAY')
  wechatPay.simulator.faults.add({ fault: 'user-paying', endpoint: 'reverse', out_trade_no: 'order-2' })
  const attempted = new Date(Date.now() - 600_000).toISOString()
  const { code, stdout } = await runInChinese('reverse', ['order-2', ...common, '--attempted-at', attempted, '--yes'])
  assert.equal(code, 2)
  assert.match(
    stdout,
    /^PENDING：还不知道结果：微信支付暂时拒绝了撤销（撤销的应答：202 USER_PAYING 用户支付中 .*）；\d+ 秒后再查\n/,
  )
})

test('credentials that work, looked at in Chinese', async () => {
  const { code, stdout } = await runInChinese('doctor', common)
  assert.equal(code, 0, stdout)
  assert.match(stdout, /^商户 secret\n {2}✔ 找到 {20} +\d+ ms {2}在文件 /)
  assert.match(
    stdout,
    /✔ 应答验签 {16} +\d+ ms {2}用 PUB_KEY_ID_\w+ 验签通过\n[\s\S]*\n正常：微信支付接受这些凭证，它的应答也验签通过。\n$/,
  )
  assert.deepEqual(sentencesIn(stdout), [])
})

test('credentials that do not: what is wrong, and what to do', async () => {
  const wrong = { ...secret, mchid: '1900000999', private_key: 'x', other_wechatpay_keys: [] }
  const { code, stdout } = await runInChinese('doctor', ['--merchant', file('wrong.json', wrong), '--offline'])
  assert.equal(code, 1)
  assert.match(stdout, /✘ private_key .*不是能读出来的私钥\n +→ 请填商户API私钥，即 apiclient_key.pem 的全部内容。\n/)
  assert.match(stdout, /✘ other_wechatpay_keys .*不是对象\n/)
  assert.match(stdout, /\n2 项不通过：先改正第一项，再检查一次。\n$/)
})

test('where a file stops being JSON is told in Chinese', async () => {
  const broken = file('broken.json', '{\n')
  const { stdout } = await runInChinese('doctor', ['--merchant', broken, '--offline'])
  assert.match(stdout, /✘ JSON .*不是 JSON（从第 2 行第 1 列起）\n/)
})

test('what --json prints is English wherever it is run', async () => {
  const { stdout } = await runInChinese('doctor', [...common, '--json', '--lang', 'zh-CN'])
  const ours = stdout.replace(/“[^”]*”/g, 'WeChat Pay’s own words')
  assert.doesNotMatch(ours, /\p{Script=Han}/u)
})
