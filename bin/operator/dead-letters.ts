import { setTimeout } from 'node:timers/promises'
import {
  ChangeMessageVisibilityBatchCommand,
  DeleteMessageCommand,
  GetQueueAttributesCommand,
  ListMessageMoveTasksCommand,
  type ListMessageMoveTasksResultEntry,
  type Message,
  type MessageAttributeValue,
  ReceiveMessageCommand,
  SendMessageCommand,
  type SQSClient,
  StartMessageMoveTaskCommand,
} from '@aws-sdk/client-sqs'
import { REASON } from '../../lib/aws/dead-letter.ts'
import { messageGroupOf } from '../../lib/aws/message-group.ts'
import { type OrderFields, orderFieldsOf } from '../../lib/reversal/order-fields.ts'
import { inLanguage } from '../language/in-language.ts'
import { Failure } from './failure.ts'

const text = inLanguage({
  en: {
    moveUnseen: 'SQS began to move them and does not say how far it is',
    listInAMinute: 'List in a minute what is left.',
    moveStopped: (moved: number, why: string) => `SQS moved ${moved} and stopped: ${why}`,
    listWhatIsLeft: 'List what is left, and send it again by number or reason.',
    alreadyMoving: (moved: number) => `somebody is moving these letters already: ${moved} so far`,
    waitUntilItEnds: 'Wait until it ends, then list what is left.',
    waitOrStop: (stop: string) => `Wait until it ends (or stop it: ${stop}), then list what is left.`,
  },
  'zh-CN': {
    moveUnseen: 'SQS 已开始移动，但没有说明进度',
    listInAMinute: '请一分钟后再列出剩下的。',
    moveStopped: (moved, why) => `SQS 移动了 ${moved} 封后停下了：${why}`,
    listWhatIsLeft: '请列出剩下的，再按编号或原因重新送。',
    alreadyMoving: (moved) => `已有人在移动这些死信：目前 ${moved} 封`,
    waitUntilItEnds: '请等它结束，再列出剩下的。',
    waitOrStop: (stop) => `请等它结束（或停掉它：${stop}），再列出剩下的。`,
  },
})

/** A dead letter without an error was moved by SQS itself: its order was received too often and never ended. */
export const NEVER_FINISHED = 'NeverFinished'

/** An order that needs a person, and why. */
export interface DeadLetter {
  messageId: string
  /** Milliseconds since the epoch; of a letter that SQS moved, when its order first came to the queue. */
  sentAt: number
  order: OrderFields
  error: string
  detail?: string | undefined
  code?: string | undefined
  request_id?: string | undefined
  /** It is an outcome that waited for its bill, and goes back there. */
  isSettlement: boolean
}

/** Long enough to read a long queue; what was only looked at is given back at once. */
const HIDDEN_SECONDS = 120

const MOVE_POLL_MS = 500

/** A task that SQS has begun is in its list at once; this is for a list that lags behind. */
const MOVE_SHOWS_MS = 30_000

export interface Queues {
  queueUrl: string
  /** Unset, no outcome can be sent back. */
  settlementQueueUrl?: string | undefined
  deadLetterQueueUrl: string
  client: SQSClient
}

/** The dead letters of a queue, for a person. */
export function createDeadLetters({ queueUrl, settlementQueueUrl, deadLetterQueueUrl, client }: Queues) {
  const dead = { QueueUrl: deadLetterQueueUrl }

  /** Every letter once, or enough of them, hidden from everybody else until it is given back. */
  async function collect(isEnough = (_: ReadonlyMap<string, Message>) => false): Promise<Message[]> {
    const letters = new Map<string, Message>()
    // A long poll asks all of SQS: when it brings nothing new, there is nothing more.
    for (let isEnd = false; !isEnd && !isEnough(letters); ) {
      const { Messages = [] } = await client.send(
        new ReceiveMessageCommand({
          ...dead,
          MaxNumberOfMessages: 10,
          WaitTimeSeconds: 1,
          VisibilityTimeout: HIDDEN_SECONDS,
          MessageAttributeNames: ['All'],
          MessageSystemAttributeNames: ['SentTimestamp'],
        }),
      )
      isEnd = Messages.every(({ MessageId }) => letters.has(MessageId!))
      for (const message of Messages) letters.set(message.MessageId!, message)
    }
    return [...letters.values()]
  }

  async function giveBack(messages: readonly Message[]) {
    for (let start = 0; start < messages.length; start += 10) {
      const Entries = messages
        .slice(start, start + 10)
        .map(({ ReceiptHandle }, index) => ({ Id: String(index), ReceiptHandle, VisibilityTimeout: 0 }))
      await client.send(new ChangeMessageVisibilityBatchCommand({ ...dead, Entries }))
    }
  }

  async function attributes(QueueUrl: string) {
    const command = new GetQueueAttributesCommand({
      QueueUrl,
      AttributeNames: ['QueueArn', 'ApproximateNumberOfMessagesNotVisible'],
    })
    const { Attributes = {} } = await client.send(command)
    return { arn: Attributes.QueueArn, hidden: Number(Attributes.ApproximateNumberOfMessagesNotVisible ?? 0) }
  }

  /** The move of these letters that was begun last, by whomever. Empty when SQS knows of none. */
  async function lastMove(SourceArn: string | undefined): Promise<ListMessageMoveTasksResultEntry> {
    const { Results = [] } = await client.send(new ListMessageMoveTasksCommand({ SourceArn, MaxResults: 1 }))
    return Results[0] ?? {}
  }

  /** Takes these letters from here, one by one, each after what comes before; the others are given back. */
  async function takeAway(
    chosen: readonly DeadLetter[],
    onTaken: () => void,
    before = async (_: Message) => {},
  ): Promise<number> {
    const wanted = new Set(chosen.map(({ messageId }) => messageId))
    const messages = await collect((letters) => [...wanted].every((id) => letters.has(id)))
    const staying = new Set(messages)
    try {
      for (const message of messages.filter(({ MessageId }) => wanted.has(MessageId!))) {
        await before(message)
        await client.send(new DeleteMessageCommand({ ...dead, ReceiptHandle: message.ReceiptHandle }))
        staying.delete(message)
        onTaken()
      }
    } finally {
      await giveBack([...staying])
    }
    return messages.length - staying.size
  }

  return {
    /** The letters, oldest first; `hidden` are with somebody else at the moment. */
    async list(): Promise<{ letters: DeadLetter[]; hidden: number }> {
      const { hidden } = await attributes(deadLetterQueueUrl)
      const messages = await collect()
      await giveBack(messages)
      const letters = messages.map(readLetter)
      letters.sort((a, b) => a.sentAt - b.sentAt || a.messageId.localeCompare(b.messageId))
      return { letters, hidden }
    },

    /** The letter of one order, if it is among the first thousand. */
    async find(out_trade_no: string): Promise<DeadLetter | undefined> {
      const isIts = (message: Message) => readLetter(message).order.out_trade_no === out_trade_no
      const messages = await collect((letters) => letters.size > 1_000 || [...letters.values()].some(isIts))
      await giveBack(messages)
      const found = messages.find(isIts)
      return found && readLetter(found)
    },

    /**
     * Sends these letters again, one by one: first to the queue they came from, then away from here. Returns how many were
     * still there.
     */
    sendAgain: (chosen: readonly DeadLetter[], onSent: () => void): Promise<number> =>
      takeAway(chosen, onSent, async (message) => {
        const { order, isSettlement } = readLetter(message)
        const command = {
          QueueUrl: isSettlement ? settlementQueueUrl : queueUrl,
          MessageBody: message.Body,
          MessageAttributes: ownAttributes(message),
          MessageGroupId: messageGroupOf(order),
        }
        await client.send(new SendMessageCommand(command))
      }),

    /** Deletes these letters for good, one by one. Returns how many were still there. */
    delete: (chosen: readonly DeadLetter[], onDeleted: () => void): Promise<number> => takeAway(chosen, onDeleted),

    /** Lets SQS move them all to the queue of orders. Letters our function wrote have no way back of their own, so the way is named. */
    async moveAll(onMoved: (count: number) => void): Promise<number> {
      const [from, to] = await Promise.all([attributes(deadLetterQueueUrl), attributes(queueUrl)])
      const last = await lastMove(from.arn)
      if (last.Status === 'RUNNING') throw alreadyMoving(last)
      await client
        .send(new StartMessageMoveTaskCommand({ SourceArn: from.arn, DestinationArn: to.arn }))
        .catch((error) =>
          lastMove(from.arn).then((other) => {
            throw other.Status === 'RUNNING' ? alreadyMoving(other) : error
          }),
        )
      const showsUntil = Date.now() + MOVE_SHOWS_MS
      for (;;) {
        const {
          Status,
          StartedTimestamp = 0,
          ApproximateNumberOfMessagesMoved: moved = 0,
          FailureReason,
        } = await lastMove(from.arn)
        // An earlier task stays in the list for a while: its end is not the end of ours.
        if (StartedTimestamp <= (last.StartedTimestamp ?? 0)) {
          if (Date.now() > showsUntil) {
            throw new Failure(text.moveUnseen, text.listInAMinute)
          }
          await setTimeout(MOVE_POLL_MS)
          continue
        }
        onMoved(moved)
        if (Status === 'COMPLETED') return moved
        if (Status === 'FAILED' || Status === 'CANCELLED') {
          throw new Failure(text.moveStopped(moved, FailureReason ?? Status), text.listWhatIsLeft)
        }
        await setTimeout(MOVE_POLL_MS)
      }
    },
  }
}

function alreadyMoving({ ApproximateNumberOfMessagesMoved: moved = 0, TaskHandle }: ListMessageMoveTasksResultEntry) {
  const stop = `aws sqs cancel-message-move-task --task-handle ${TaskHandle}`
  return new Failure(text.alreadyMoving(moved), TaskHandle ? text.waitOrStop(stop) : text.waitUntilItEnds)
}

function readLetter({ MessageId, Body = '', Attributes, MessageAttributes = {} }: Message): DeadLetter {
  const of = (name: (typeof REASON)[number]) => MessageAttributes[name]?.StringValue
  const content = parse(Body)
  return {
    messageId: MessageId!,
    sentAt: Number(Attributes?.SentTimestamp ?? 0),
    order: orderFieldsOf(content),
    error: of('error') ?? NEVER_FINISHED,
    detail: of('detail'),
    code: of('code'),
    request_id: of('request_id'),
    isSettlement: typeof content === 'object' && content !== null && 'outcome' in content,
  }
}

function parse(body: string): unknown {
  try {
    return JSON.parse(body)
  } catch {
    return undefined
  }
}

function ownAttributes({ MessageAttributes = {} }: Message): Record<string, MessageAttributeValue> {
  const own = Object.entries(MessageAttributes).filter(([name]) => !(REASON as readonly string[]).includes(name))
  return Object.fromEntries(
    own.map(([name, { DataType, StringValue, BinaryValue }]) => [
      name,
      {
        DataType,
        ...(StringValue !== undefined && { StringValue }),
        ...(BinaryValue !== undefined && { BinaryValue }),
      },
    ]),
  )
}
