interface Merchant {
  mchid?: string | undefined
  sub_mchid?: string | undefined
}

/**
 * A message's merchant is its group: SQS then lets one with a long backlog hold up no other
 * (https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-fair-queues-detailed.html).
 */
export const messageGroupOf = ({ sub_mchid, mchid }: Merchant): string | undefined => sub_mchid ?? mchid
