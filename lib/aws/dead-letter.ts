import { type MessageAttributeValue, SendMessageCommand, type SQSClient } from '@aws-sdk/client-sqs'
import type { SQSRecord } from 'aws-lambda'
import type { ReversalError } from '../reversal/errors.ts'
import type { SettlementFailed } from '../settlement/settlement-failed.ts'
import { withinCall } from './patience.ts'
import { sqsClient } from './sqs-client.ts'

/** SQS takes ten attributes a message. */
const MAX_ATTRIBUTES = 10

/** More than the reason can take of what SQS lets a message and its attributes weigh together. */
const REASON_BYTES = 16_384

/** What a person must look at. */
type LetterError = ReversalError | (SettlementFailed & { code?: undefined; request_id?: undefined })

type Attributes = Record<string, MessageAttributeValue>

type LetterSource = Pick<SQSRecord, 'body'> & Partial<Pick<SQSRecord, 'messageAttributes'>>

export interface Letter {
  MessageBody: string
  MessageAttributes: Attributes
}

/**
 * The dead letter of a message, and what to write should SQS refuse it: the message as it stood with its own attributes,
 * then without them, then without the end of a body that leaves the reason no room. The reason is in each.
 */
export function lettersOf({ body, messageAttributes }: LetterSource, error: LetterError): Letter[] {
  const reason = reasonOf(error)
  const own = Object.entries(messageAttributes ?? {})
    // A letter sent again by hand still has the reason it had.
    .filter(([name]) => !(REASON as readonly string[]).includes(name))
    .slice(0, MAX_ATTRIBUTES - Object.keys(reason).length)
    .map(([name, { dataType, stringValue, binaryValue }]) => [
      name,
      {
        DataType: dataType,
        ...(stringValue !== undefined && { StringValue: stringValue }),
        ...(binaryValue !== undefined && { BinaryValue: Buffer.from(binaryValue, 'base64') }),
      },
    ])
  const shortened = body.slice(0, Math.max(1, body.length - REASON_BYTES)).toWellFormed()
  return [
    { MessageBody: body, MessageAttributes: { ...Object.fromEntries(own), ...reason } },
    { MessageBody: body, MessageAttributes: reason },
    { MessageBody: shortened, MessageAttributes: reason },
  ]
}

/** What a refused order's letter has on top of the message it was. */
export const REASON = ['error', 'detail', 'code', 'request_id'] as const

/** Only those that have a value, and only characters that SQS takes (those of XML 1.0). */
function reasonOf({ name, message, code, request_id }: LetterError): Attributes {
  const entries = Object.entries({ error: name, detail: message, code, request_id }).flatMap(([key, value]) => {
    const StringValue = fit(value ?? '')
    return StringValue === '' ? [] : [[key, { DataType: 'String', StringValue }] as const]
  })
  return Object.fromEntries(entries)
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: these are the characters that must go
const NOT_XML = /[\u0000-\u0008\u000B\u000C\u000E-\u001F\uFFFE\uFFFF]/g

const fit = (text: string) => text.slice(0, 1024).toWellFormed().replace(NOT_XML, '\uFFFD')

/** Where refused orders wait for a person. */
export function createDeadLetters({
  queueUrl,
  client = sqsClient(),
}: {
  queueUrl: string
  client?: Pick<SQSClient, 'send'>
}) {
  return {
    /** Writes a dead letter. What SQS refuses of the message gives way, the reason last. All tries share `CALL_MS`. */
    async bury(record: LetterSource, error: LetterError) {
      const letters = lettersOf(record, error)
      const within = withinCall()
      for (const [index, letter] of letters.entries()) {
        try {
          await client.send(new SendMessageCommand({ QueueUrl: queueUrl, ...letter }), within)
          return
        } catch (refusal) {
          if (index === letters.length - 1 || !isAboutMessage(refusal as Error)) throw refusal
        }
      }
    },
  }
}

/** SQS refused the message itself (its size, its characters, its attributes), not us, its key or the moment. */
const isAboutMessage = ({ name }: Error) =>
  /Invalid(Attribute|Message|Parameter)|TooLong|TooLarge|UnsupportedOperation/.test(name)
