import { randomUUID } from 'node:crypto'
import { AwsError, type AwsService } from './aws-api.ts'
import type { Account, Json, Resource } from './cloudformation.ts'

export interface BusEvent {
  id: string
  bus: string
  source: string
  detailType: string
  detail: Json
  time: string
}

export type EventBridge = AwsService & {
  /** What was taken, oldest first. */
  events: BusEvent[]
  /**
   * The same as a rule's target gets them, but for the first so many.
   * @see https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-events-structure.html
   */
  delivered(after?: number): Json[]
  /** The next entries are refused one by one, in an answer that is itself a 200. */
  refuseEntries(count: number): void
  /** As if somebody had deleted it. */
  removeBus(name: string): void
}

/** Of all entries of a call together. */
const MAX_CALL_BYTES = 256 * 1024

/** @see https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-putevents.html#eb-calculate-event-size */
const sizeOf = ({ Source = '', DetailType = '', Detail = '', Time }: Json): number =>
  Buffer.byteLength(`${Source}${DetailType}${Detail}`) + (Time === undefined ? 0 : 14)

/**
 * EventBridge's PutEvents and DescribeEventBus. Events are kept to be read; rules and targets are not run.
 * @see https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutEvents.html
 */
export function createEventBridge(
  { accountId, region, partition }: Account,
  buses: Resource[],
  now: () => number = Date.now,
): EventBridge {
  const events: BusEvent[] = []
  const names = new Set(['default', ...buses.map(({ ref }) => ref)])
  let toRefuse = 0
  const nameOf = (bus = 'default') => bus.replace(/^arn:.*:event-bus\//, '')

  const put = (entry: Json) => {
    for (const field of ['Source', 'DetailType', 'Detail']) {
      if (!entry[field]) return { ErrorCode: 'InvalidArgument', ErrorMessage: `Parameter ${field} is not valid.` }
    }
    if (toRefuse > 0) {
      toRefuse--
      return { ErrorCode: 'InternalFailure', ErrorMessage: 'Refused, as asked for' }
    }
    const id = randomUUID()
    const { Source: source, DetailType: detailType, Detail } = entry
    try {
      const detail = JSON.parse(Detail)
      // An event for a bus that does not exist is taken, given an id, and dropped.
      if (!names.has(nameOf(entry.EventBusName))) return { EventId: id }
      const time = new Date(now()).toISOString()
      events.push({ id, bus: nameOf(entry.EventBusName), source, detailType, detail, time })
      return { EventId: id }
    } catch {
      return { ErrorCode: 'MalformedDetail', ErrorMessage: 'Detail is malformed.' }
    }
  }

  return {
    name: 'events',
    target: 'AWSEvents',
    contentType: 'application/x-amz-json-1.1',
    events,
    delivered: (after = 0) =>
      events.slice(after).map(({ id, source, detailType, detail, time }) => ({
        version: '0',
        id,
        'detail-type': detailType,
        source,
        account: accountId,
        time: time.replace(/\.\d+/, ''),
        region,
        resources: [],
        detail,
      })),
    refuseEntries: (count) => {
      toRefuse = count
    },
    removeBus: (name) => void names.delete(name),
    rights: (operation, { Name, Entries = [{ EventBusName: Name }] }) =>
      Entries.map(({ EventBusName }: Json) => ({
        action: `events:${operation}`,
        resource: `arn:${partition}:events:${region}:${accountId}:event-bus/${nameOf(EventBusName)}`,
      })),
    call: (operation, { Entries, Name }) => {
      if (operation === 'DescribeEventBus') {
        if (names.has(nameOf(Name))) return { Name: nameOf(Name) }
        throw new AwsError('ResourceNotFoundException', `Event bus ${Name} does not exist.`)
      }
      if (operation !== 'PutEvents') throw new AwsError('UnknownOperationException', `${operation} is not here`)
      if (!Array.isArray(Entries) || Entries.length < 1 || Entries.length > 10) {
        throw new AwsError('ValidationException', 'Entries must have between 1 and 10 members')
      }
      if (Entries.reduce((bytes, entry) => bytes + sizeOf(entry), 0) > MAX_CALL_BYTES) {
        throw new AwsError('ValidationException', 'Total size of the entries in the request is over the limit.')
      }
      const results = Entries.map(put)
      return { FailedEntryCount: results.filter((result) => 'ErrorCode' in result).length, Entries: results }
    },
  }
}
