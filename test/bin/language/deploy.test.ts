import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { Clients } from '../../../bin/deployment/account.ts'
import { outputInChinese } from '../../../bin/texts/outputs.zh-CN.ts'
import type { Json, Template } from '../../../infra/local/cloudformation.ts'
import { CHINESE, runInChinese, sentencesIn } from './in-chinese.ts'

// The language is that of the process, read when the first text is.
Object.assign(process.env, CHINESE)
const { compiledTemplate } = await import('../../infra/aws/compiled-template.ts')
const { lookAtAccount } = await import('../../../bin/deployment/account.ts')
const { checkLimits } = await import('../../../bin/deployment/limits.ts')

const template = (await compiledTemplate()) as Template
const STACK = 'wechatpay-reversal-dev'

function changed(change: (copy: Required<Template>) => void): Template {
  const copy = structuredClone(template)
  change(copy as Required<Template>)
  return copy
}

function assertChinese(finding: { what: string; next: string } | undefined, what: RegExp, next: RegExp) {
  assert.match(finding?.what ?? '', what)
  assert.match(finding?.next ?? '', next)
  assert.deepEqual(sentencesIn(`${finding?.what}\n${finding?.next}`), [])
}

describe('what would not deploy is told in Chinese', () => {
  test('alarms to nobody', () => {
    assertChinese(checkLimits(template)[0], /^告警没有人收到：alarmEmail 和 alarmTopic 都是空的$/, /SNS 主题/)
  })

  const limits: [change: (copy: Required<Template>) => void, what: RegExp, next: RegExp][] = [
    [
      ({ Resources }) => {
        Resources.ReversalQueue!.Properties.QueueName = 'q'.repeat(84)
      },
      /^名称 q+ 太长：84 个字符，AWS 最多允许 80 个$/,
      /至少短 4 个字符/,
    ],
    [
      ({ Resources }) => {
        Resources.HttpLambdaFunction!.Properties.Environment.Variables.MERCHANT_SECRETS = 'a'.repeat(4000)
      },
      /^wechatpay-reversal-dev-http 的环境变量共 4\d\d\d 字节，Lambda 最多允许 4096 字节$/,
      /params\.merchants 里少写几个商户/,
    ],
    [
      ({ Resources }) => {
        const [{ PolicyDocument }] = Resources.HttpRole!.Properties.Policies
        PolicyDocument.Statement = Array(80).fill(PolicyDocument.Statement[0])
      },
      /^HttpRole 的策略共 \d+ 个字符，IAM 最多允许 10240 个$/,
      /缩短/,
    ],
    [
      ({ Resources }) => {
        for (let n = 0; n < 500; n += 1) Resources[`Alarm${n}`] = { Type: 'AWS::CloudWatch::Alarm', Properties: {} }
      },
      /^模板有 5\d\d 个资源，CloudFormation 最多允许 500 个$/,
      /去掉/,
    ],
    [
      ({ Resources }) => {
        Resources.Dashboard!.Properties.DashboardBody = 'a'.repeat(1_000_000)
      },
      /^模板有 1\d+ 字节，CloudFormation 最多允许 1000000 字节$/,
      /去掉/,
    ],
  ]
  for (const [change, what, next] of limits) {
    test(what.source, () => assertChinese(checkLimits(changed(change))[0], what, next))
  }
})

const refusal = (name: string, message = name) => Object.assign(new Error(message), { name })

/** An account without a stack and anything else, but for the answers given. */
function look(answers: Record<string, Json>) {
  const all: Record<string, Json> = {
    DescribeStacksCommand: refusal('ValidationError', `Stack with id ${STACK} does not exist`),
    GetQueueUrlCommand: refusal('QueueDoesNotExist'),
    DescribeEventBusCommand: refusal('ResourceNotFoundException'),
    GetFunctionConcurrencyCommand: refusal('ResourceNotFoundException'),
    GetAccountSettingsCommand: { AccountLimit: { ConcurrentExecutions: 1000, UnreservedConcurrentExecutions: 1000 } },
    ListSecretsCommand: { SecretList: [] },
    ...answers,
  }
  const send = async (command: object) => {
    const answer = all[command.constructor.name]
    if (answer instanceof Error) throw answer
    return answer
  }
  const client = { send } as Json
  const clients: Clients = { cloudFormation: client, lambda: client, sqs: client, events: client, secrets: client }
  return lookAtAccount(clients, STACK, template)
}
const stackIn = (StackStatus: string) => ({ DescribeStacksCommand: { Stacks: [{ StackStatus }] } })

describe('what stands in the way in the account is told in Chinese', () => {
  const cases: [answers: Record<string, Json>, what: RegExp, next: RegExp][] = [
    [stackIn('UPDATE_IN_PROGRESS'), /^堆栈 \S+ 的状态是 UPDATE_IN_PROGRESS$/, /^有人正在部署/],
    [stackIn('ROLLBACK_COMPLETE'), /ROLLBACK_COMPLETE$/, /请删除它：aws cloudformation delete-stack --stack-name \S+$/],
    [stackIn('UPDATE_ROLLBACK_FAILED'), /FAILED$/, /请先让它回退完：aws cloudformation continue-update-rollback/],
    [
      { GetAccountSettingsCommand: { AccountLimit: { ConcurrentExecutions: 50, UnreservedConcurrentExecutions: 50 } } },
      /^函数要预留 191 个并发，这个账号只能给出 0 个（配额 50，其中 100 个不能预留）$/,
      /申请提高配额.*reserveConcurrency: "no"/,
    ],
    [{ GetQueueUrlCommand: { QueueUrl: 'https://…' } }, /^已经有队列 \S+，却没有它所属的堆栈 /, /换一个 --stage/],
    [{ DescribeEventBusCommand: {} }, /^已经有事件总线 /, /没有人要就删掉它/],
    [
      { ListSecretsCommand: { SecretList: [{}] } },
      /下有以前部署留下的商户 secret$/,
      /运维手册“堆栈删除之后留下的 secret”/,
    ],
    [
      { GetAccountSettingsCommand: refusal('AccessDeniedException') },
      /^没能检查并发配额（AccessDeniedException）$/,
      /请先看这里/,
    ],
  ]
  for (const [answers, what, next] of cases) {
    test(what.source, async () => assertChinese((await look(answers))[0], what, next))
  }
})

describe('which deployment is meant', { concurrency: 4 }, () => {
  const mistakes: [args: string[], says: RegExp][] = [
    [['--stage', 'local'], /^✘ local 专指 npm start 在本机启动的服务\n {2}→ 请换一个名称：--stage dev\n$/],
    [['--stage', 'pr_od'], /^✘ pr_od 不能作为环境的名称\n {2}→ 只能用字母、数字和连字符：--stage prod\n$/],
    [['--param', 'merchant=a'], /^✘ serverless\.yml 里没有参数 merchant\n {2}→ 可用的参数：merchants、/],
    [['--stag'], /^错误：没有选项 --stag\n（是不是 --stage？）\n/],
  ]
  for (const name of ['package', 'deploy']) {
    for (const [args, says] of mistakes) {
      test(`told in Chinese: ${name} ${args.join(' ')}`, async () => {
        const { code, stderr } = await runInChinese(name, args)
        assert.equal(code, 1)
        assert.match(stderr, says)
        assert.deepEqual(sentencesIn(stderr), [])
      })
    }
  }

  test('deploy without credentials says how to sign in', async () => {
    const { stderr } = await runInChinese('deploy', [])
    assert.match(stderr, /^✘ 当前终端没有 AWS 凭证，也就没有可以部署的账号\n {2}→ 请登录（aws sso login 或/)
    assert.deepEqual(sentencesIn(stderr), [])
  })
})

test('every output that a deploy shows has Chinese words', () => {
  for (const [name, { Description }] of Object.entries(template.Outputs ?? {})) {
    if (Description !== undefined) assert.match(outputInChinese(name) ?? `missing: ${name}`, /\p{Script=Han}/u)
  }
})
