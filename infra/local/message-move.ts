import { randomUUID } from 'node:crypto'
import { AwsError } from './aws-api.ts'
import type { Json } from './cloudformation.ts'
import type { Right } from './policy.ts'

type Send = (operation: string, input: Json) => Promise<Json>
interface Queue {
  arn: string
  url: string
  redriveTo?: string
}

/**
 * `StartMessageMoveTask` and `ListMessageMoveTasks` over a queue server that has neither. As on SQS, a moved message is a
 * new message, and without a destination only a letter that SQS itself put there finds its way back.
 * @see https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_StartMessageMoveTask.html
 */
export function createMoveTasks(send: Send, queues: Queue[]) {
  const tasks: Json[] = []
  const sentByHand = new Set<string>()
  const byArn = (parameter: 'SourceArn' | 'DestinationArn', arn: string) => {
    const queue = queues.find((one) => one.arn === arn)
    if (queue) return queue
    const message = `The resource that you specified for the ${parameter} parameter doesn't exist.`
    throw new AwsError('ResourceNotFoundException', message, 404)
  }
  const sourceOf = (deadLetterArn: string) => queues.find(({ redriveTo }) => redriveTo === deadLetterArn)

  const run = async (task: Json, from: Queue, to: Queue, perSecond: number) => {
    const receive = { QueueUrl: from.url, MaxNumberOfMessages: 10, MessageAttributeNames: ['All'] }
    for (;;) {
      const { Messages = [] } = await send('ReceiveMessage', receive)
      if (Messages.length === 0) break
      for (const { MessageId, Body, MessageAttributes, ReceiptHandle } of Messages) {
        if (!task.DestinationArn && sentByHand.has(MessageId)) {
          await send('ChangeMessageVisibility', { QueueUrl: from.url, ReceiptHandle, VisibilityTimeout: 0 })
          return Object.assign(task, { Status: 'FAILED', FailureReason: 'CouldNotDetermineMessageSource' })
        }
        await send('SendMessage', { QueueUrl: to.url, MessageBody: Body, MessageAttributes })
        await send('DeleteMessage', { QueueUrl: from.url, ReceiptHandle })
        task.ApproximateNumberOfMessagesMoved++
        await new Promise((resolve) => setTimeout(resolve, 1000 / perSecond))
      }
    }
    task.Status = 'COMPLETED'
  }

  const operations: Record<string, (input: Json) => Json> = {
    StartMessageMoveTask: async ({ SourceArn, DestinationArn, MaxNumberOfMessagesPerSecond = 500 }) => {
      const from = byArn('SourceArn', SourceArn)
      const source = sourceOf(SourceArn)
      if (!source) {
        throw new AwsError('InvalidParameterValue', 'Source queue must be configured as a Dead Letter Queue.')
      }
      if (tasks.some((task) => task.SourceArn === SourceArn && task.Status === 'RUNNING')) {
        throw new AwsError(
          'InvalidParameterValue',
          'There is already a task running. Only one active task is allowed for a source queue arn at a given time.',
        )
      }
      const { Attributes } = await send('GetQueueAttributes', {
        QueueUrl: from.url,
        AttributeNames: ['ApproximateNumberOfMessages'],
      })
      const task = {
        TaskHandle: Buffer.from(JSON.stringify({ taskId: randomUUID(), sourceArn: SourceArn })).toString('base64'),
        Status: 'RUNNING',
        SourceArn,
        ...(DestinationArn && { DestinationArn }),
        MaxNumberOfMessagesPerSecond,
        ApproximateNumberOfMessagesMoved: 0,
        ApproximateNumberOfMessagesToMove: Number(Attributes.ApproximateNumberOfMessages),
        StartedTimestamp: Date.now(),
      }
      tasks.unshift(task)
      const to = DestinationArn ? byArn('DestinationArn', DestinationArn) : source
      void run(task, from, to, MaxNumberOfMessagesPerSecond).catch((error) =>
        Object.assign(task, { Status: 'FAILED', FailureReason: String(error) }),
      )
      return { TaskHandle: task.TaskHandle }
    },
    // The handle is of use, and given, only while the task runs.
    ListMessageMoveTasks: ({ SourceArn, MaxResults = 1 }) => ({
      Results: tasks
        .filter((task) => task.SourceArn === SourceArn)
        .slice(0, MaxResults)
        .map(({ TaskHandle, ...task }) => (task.Status === 'RUNNING' ? { TaskHandle, ...task } : task)),
    }),
  }

  return {
    handles: (operation: string) => operation in operations,
    call: (operation: string, input: Json) => operations[operation]!(input),
    rights: (operation: string, { SourceArn, DestinationArn }: Json): Right[] => {
      const own = { action: `sqs:${operation}`, resource: SourceArn }
      if (operation !== 'StartMessageMoveTask') return [own]
      return [
        own,
        { action: 'sqs:ReceiveMessage', resource: SourceArn },
        { action: 'sqs:DeleteMessage', resource: SourceArn },
        { action: 'sqs:SendMessage', resource: DestinationArn ?? sourceOf(SourceArn)?.arn ?? SourceArn },
      ]
    },
    /** Learns which messages were sent to a dead-letter queue, rather than moved there by SQS. */
    remember: (operation: string, { QueueUrl }: Json, output: Json) => {
      const queue = queues.find(({ url }) => url === QueueUrl)
      if (!queue || !sourceOf(queue.arn)) return
      if (operation === 'SendMessage') sentByHand.add(output.MessageId)
      for (const { MessageId } of operation === 'SendMessageBatch' ? output.Successful : []) sentByHand.add(MessageId)
    },
  }
}
