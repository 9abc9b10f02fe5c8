import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { parse } from 'yaml'
import { runProcess } from '../child-process.ts'
import { compiledTemplate, resourcesOf } from '../infra/aws/compiled-template.ts'
import { read, root } from './documents.ts'

const template = await compiledTemplate()
const terraform = read('docs/examples/terraform/main.tf')
const cdk = read('docs/examples/cdk/reversal-consumer.ts')

const onTerraform = (args: string[]) => runProcess('terraform', args, { cwd: root }).catch(() => undefined)
const hasTerraform = (await onTerraform(['version']))?.code === 0

/** The stage that the tests package. */
const STAGE = 'dev'

describe('infrastructure that consumes a deployment', () => {
  test('Terraform reads outputs that the stack has', () => {
    const named = [...terraform.matchAll(/outputs\["(\w+)"\]/g)].map(([, name]) => name!)
    assert.ok(named.length >= 3)
    assert.deepEqual(
      named.filter((name) => !(name in template.Outputs!)),
      [],
    )
  })

  test('Terraform and CDK name the queue and the bus as the stack does', () => {
    const name = `wechatpay-reversal-${STAGE}`
    const properties = (type: string) => resourcesOf(template, type).map(([, resource]) => resource.Properties)
    assert.ok(properties('AWS::SQS::Queue').some(({ QueueName }) => QueueName === name))
    assert.ok(properties('AWS::Events::EventBus').some(({ Name }) => Name === name))
    // biome-ignore lint/suspicious/noTemplateCurlyInString: Terraform's and TypeScript's own interpolation is what is looked for
    assert.ok(terraform.includes('"wechatpay-reversal-${var.stage}"') && cdk.includes('`wechatpay-reversal-${stage}`'))
  })

  test('both listen for every kind of event', () => {
    const pattern: Record<string, string[]> = JSON.parse(read('docs/examples/event-pattern.json'))
    for (const kind of pattern['detail-type']!) {
      assert.ok(terraform.includes(`"${kind}"`), `Terraform lacks ${kind}`)
      assert.ok(cdk.includes(`'${kind}'`), `CDK lacks ${kind}`)
    }
  })

  test('Terraform can read its example', {
    skip: hasTerraform ? false : 'terraform is not on this machine',
  }, async () => {
    const ran = await onTerraform(['fmt', '-check', '-diff', 'docs/examples/terraform'])
    assert.equal(ran?.code, 0, ran?.stdout)
  })

  test('the deploy workflow runs commands of package.json, in the order test, deploy, smoke', () => {
    const workflow = parse(read('docs/examples/deploy-workflow.yml'))
    const steps: { run?: string }[] = workflow.jobs.deploy.steps
    const commands = steps.flatMap(({ run }) => run?.match(/^npm (?:run )?(\w+)/)?.[1] ?? [])
    assert.deepEqual(commands, ['test', 'deploy', 'smoke'])
    const { scripts } = JSON.parse(read('package.json'))
    assert.ok(commands.every((name) => name in scripts))
  })
})
