import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { type Clients, lookAtAccount } from '../../../bin/deployment/account.ts'
import { checkLimits } from '../../../bin/deployment/limits.ts'
import type { Json, Template } from '../../../infra/local/cloudformation.ts'
import { compiledTemplate } from '../../infra/aws/compiled-template.ts'
import { runCommand } from '../run-command.ts'

const template = (await compiledTemplate()) as Template
const STACK = 'wechatpay-reversal-dev'

/** A copy of the template in which a change was made. */
function changed(change: (copy: Required<Template>) => void): Template {
  const copy = structuredClone(template)
  change(copy as Required<Template>)
  return copy
}
const blocking = (from: Template) => checkLimits(from).filter(({ isBlocking }) => isBlocking)

describe('by AWS’s fixed limits', () => {
  test('the template is in order, and says that its alarms reach nobody yet', () => {
    const [finding, ...others] = checkLimits(template)
    assert.deepEqual(others, [])
    assert.equal(finding!.isBlocking, false)
    assert.match(finding!.what, /alarms reach nobody/)
    const heard = changed(({ Parameters }) => {
      Parameters.AlarmEmail!.Default = 'on-call@example.com'
    })
    assert.deepEqual(checkLimits(heard), [])
  })

  test('the longest stage that AWS takes is taken, and one more is refused with by how much', async () => {
    const named = (stage: string) =>
      JSON.parse(JSON.stringify(template).replaceAll(STACK, `wechatpay-reversal-${stage}`)) as Template
    assert.deepEqual(blocking(named('s'.repeat(38))), [])
    const [{ what, next } = { what: '', next: '' }] = blocking(named('s'.repeat(42)))
    assert.match(what, /s-settle is too long: 68 characters, AWS takes 64/)
    assert.match(next, /shorter by 4\./)
  })

  test('npm run package refuses such a stage', async () => {
    const { code, stderr } = await runCommand('package', ['--stage', 's'.repeat(45)])
    assert.equal(code, 1)
    assert.match(stderr, /is too long: 71 characters, AWS takes 64\n.*shorter by 7/)
  })

  const tooMuch: [what: string, change: (copy: Required<Template>) => void, says: RegExp][] = [
    [
      'variables beyond 4 kB',
      ({ Resources }) => {
        Resources.HttpLambdaFunction!.Properties.Environment.Variables.MERCHANT_SECRETS = 'a'.repeat(4000)
      },
      /the variables of wechatpay-reversal-dev-http take 4\d\d\d bytes, Lambda gives 4096/,
    ],
    [
      'a role’s policies beyond 10,240 characters',
      ({ Resources }) => {
        const [{ PolicyDocument }] = Resources.HttpRole!.Properties.Policies
        PolicyDocument.Statement = Array(80).fill(PolicyDocument.Statement[0])
      },
      /the policies of HttpRole have \d+ characters, IAM takes 10240/,
    ],
    [
      'more than 500 resources',
      ({ Resources }) => {
        for (let n = 0; n < 500; n += 1) Resources[`Alarm${n}`] = { Type: 'AWS::CloudWatch::Alarm', Properties: {} }
      },
      /has 5\d\d resources, CloudFormation takes 500/,
    ],
    [
      'a template beyond 1 MB',
      ({ Resources }) => {
        Resources.Dashboard!.Properties.DashboardBody = 'a'.repeat(1_000_000)
      },
      /has 1\d+ bytes, CloudFormation takes 1000000/,
    ],
  ]
  for (const [what, change, says] of tooMuch) {
    test(what, () =>
      assert.match(
        blocking(changed(change))
          .map((one) => one.what)
          .join('\n'),
        says,
      ),
    )
  }
})

const refusal = (name: string, message = name) => Object.assign(new Error(message), { name })

/** An account that answers each command as told; whatever is not told is not there. */
function account(answers: Record<string, Json> = {}): Clients {
  const absent: Record<string, Error> = {
    DescribeStacksCommand: refusal('ValidationError', `Stack with id ${STACK} does not exist`),
    GetQueueUrlCommand: refusal('QueueDoesNotExist'),
    DescribeEventBusCommand: refusal('ResourceNotFoundException'),
    GetFunctionConcurrencyCommand: refusal('ResourceNotFoundException'),
  }
  const present: Record<string, Json> = {
    GetAccountSettingsCommand: { AccountLimit: { ConcurrentExecutions: 1000, UnreservedConcurrentExecutions: 1000 } },
    ListSecretsCommand: { SecretList: [] },
  }
  const send = async (command: object) => {
    const { name } = command.constructor
    const answer = answers[name] ?? absent[name] ?? present[name]
    if (answer instanceof Error) throw answer
    return answer
  }
  const client = { send } as Json
  return { cloudFormation: client, lambda: client, sqs: client, events: client, secrets: client }
}
const quota = (ConcurrentExecutions: number, UnreservedConcurrentExecutions = ConcurrentExecutions) => ({
  GetAccountSettingsCommand: { AccountLimit: { ConcurrentExecutions, UnreservedConcurrentExecutions } },
})
const stackIn = (StackStatus: string) => ({ DescribeStacksCommand: { Stacks: [{ StackStatus }] } })
const look = (answers: Record<string, Json>, from = template) => lookAtAccount(account(answers), STACK, from)

describe('by what is in the account', () => {
  test('an empty account with room is in order', async () => assert.deepEqual(await look({}), []))

  test('a fresh account’s quota is too small, and what to do is said', async () => {
    for (const small of [10, 50, 290]) {
      const [finding] = await look(quota(small))
      assert.equal(finding!.isBlocking, true)
      assert.match(finding!.what, /reserve 191 concurrent executions.*quota \d+/)
      assert.match(finding!.next, /Service Quotas.*reserveConcurrency: "no"/)
    }
    assert.deepEqual(await look(quota(291)), [])
    const without = changed(({ Parameters }) => {
      Parameters.ReserveConcurrency!.Default = 'no'
    })
    assert.deepEqual(await look(quota(10), without), [])
  })

  test('what an earlier deploy of this stage holds already is not asked for twice', async () => {
    const held = { GetFunctionConcurrencyCommand: { ReservedConcurrentExecutions: 60 } }
    assert.deepEqual(await look({ ...stackIn('UPDATE_COMPLETE'), ...held, ...quota(300, 110) }), [])
  })

  for (const [status, says] of [
    ['ROLLBACK_COMPLETE', /delete-stack --stack-name wechatpay-reversal-dev/],
    ['UPDATE_ROLLBACK_FAILED', /continue-update-rollback/],
    ['UPDATE_IN_PROGRESS', /Wait/],
  ] as const) {
    test(`a stack in ${status} is not deployed to`, async () => {
      const [finding] = await look(stackIn(status))
      assert.equal(finding!.isBlocking, true)
      assert.match(finding!.next, says)
    })
  }

  test('a name that something without a stack holds is named', async () => {
    const [first, second] = await look({ GetQueueUrlCommand: { QueueUrl: 'https://…' } })
    assert.match(first!.what, /there is a queue wechatpay-reversal-dev already/)
    assert.match(second!.what, /there is a queue wechatpay-reversal-dev-dead-letters already/)
  })

  test('merchants’ secrets of an earlier deployment stop nothing, and are told of', async () => {
    const [finding] = await look({ ListSecretsCommand: { SecretList: [{ Name: `${STACK}/merchants/1` }] } })
    assert.equal(finding!.isBlocking, false)
    assert.match(finding!.next, /Secrets that outlived their stack/)
  })

  test('a look that is refused stops nothing', async () => {
    const [finding] = await look({ GetAccountSettingsCommand: refusal('AccessDeniedException') })
    assert.equal(finding!.isBlocking, false)
    assert.match(finding!.what, /could not look at the concurrency quota \(AccessDeniedException\)/)
  })
})
