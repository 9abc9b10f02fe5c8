// Consumes a deployment from the AWS CDK: your function may send orders, and a queue of yours gets every result. The
// deployment itself stays a stack of its own (npm run deploy); queue and bus are found by their names.
// Needs: npm install aws-cdk-lib constructs
import { Arn, Stack, type StackProps } from 'aws-cdk-lib'
import { EventBus, Rule } from 'aws-cdk-lib/aws-events'
import { SqsQueue } from 'aws-cdk-lib/aws-events-targets'
import type { IGrantable } from 'aws-cdk-lib/aws-iam'
import { Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs'
import type { Construct } from 'constructs'

export interface ReversalConsumerProps extends StackProps {
  stage: string
  /** Whoever may send an order may return the money of every merchant of this deployment. */
  sender: IGrantable
}

export class ReversalConsumer extends Stack {
  constructor(scope: Construct, id: string, { stage, sender, ...props }: ReversalConsumerProps) {
    super(scope, id, props)
    const name = `wechatpay-reversal-${stage}`

    const orders = Queue.fromQueueArn(this, 'Orders', Arn.format({ service: 'sqs', resource: name }, this))
    orders.grantSendMessages(sender)

    const results = new Queue(this, 'Results', {
      encryption: QueueEncryption.SQS_MANAGED, // evidence may hold a customer's openid
      enforceSSL: true,
    })
    new Rule(this, 'ResultsRule', {
      eventBus: EventBus.fromEventBusName(this, 'Bus', name),
      eventPattern: {
        source: ['wechatpay.reversal'],
        detailType: ['Reversal Completed', 'Reversal Failed', 'Reversal Settled'],
      },
      targets: [new SqsQueue(results)],
    })
  }
}
