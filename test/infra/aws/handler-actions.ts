/** What CloudFormation does to one resource. */
export type Handler = 'create' | 'read' | 'update' | 'delete'

/**
 * The calls that CloudFormation makes on a resource in the name of whoever deploys, by the resource's type: those on
 * services whose resources can refuse by a policy of their own. Of the resource schemas that AWS publishes (`handlers`).
 * Left out: what only a property asks for that no resource here has, such as replicas of a bucket; and kms:CreateKey, which
 * comes before the key has a policy.
 * @see https://docs.aws.amazon.com/cloudformation-cli/latest/userguide/resource-type-schema.html
 */
export const HANDLER_ACTIONS: Record<string, Record<Handler, string[]>> = {
  'AWS::KMS::Key': {
    create: ['kms:EnableKeyRotation', 'kms:DisableKey', 'kms:TagResource'],
    read: ['kms:DescribeKey', 'kms:GetKeyPolicy', 'kms:GetKeyRotationStatus', 'kms:ListResourceTags'],
    update: [
      'kms:DescribeKey',
      'kms:DisableKey',
      'kms:DisableKeyRotation',
      'kms:EnableKey',
      'kms:EnableKeyRotation',
      'kms:PutKeyPolicy',
      'kms:TagResource',
      'kms:UntagResource',
      'kms:UpdateKeyDescription',
    ],
    delete: ['kms:DescribeKey', 'kms:ScheduleKeyDeletion'],
  },
  'AWS::KMS::Alias': {
    create: ['kms:CreateAlias'],
    read: ['kms:ListAliases'],
    update: ['kms:UpdateAlias'],
    delete: ['kms:DeleteAlias'],
  },
  'AWS::SecretsManager::Secret': {
    create: [
      'secretsmanager:CreateSecret',
      'secretsmanager:DescribeSecret',
      'secretsmanager:GetRandomPassword',
      'secretsmanager:TagResource',
    ],
    read: ['secretsmanager:DescribeSecret', 'secretsmanager:GetSecretValue'],
    update: [
      'secretsmanager:GetRandomPassword',
      'secretsmanager:GetSecretValue',
      'secretsmanager:RemoveRegionsFromReplication',
      'secretsmanager:ReplicateSecretToRegions',
      'secretsmanager:TagResource',
      'secretsmanager:UntagResource',
      'secretsmanager:UpdateSecret',
    ],
    delete: [
      'secretsmanager:DeleteSecret',
      'secretsmanager:DescribeSecret',
      'secretsmanager:RemoveRegionsFromReplication',
    ],
  },
  'AWS::SecretsManager::ResourcePolicy': {
    create: ['secretsmanager:PutResourcePolicy'],
    read: ['secretsmanager:GetResourcePolicy'],
    update: ['secretsmanager:PutResourcePolicy'],
    delete: ['secretsmanager:DeleteResourcePolicy'],
  },
  'AWS::SQS::Queue': {
    create: ['sqs:CreateQueue', 'sqs:GetQueueUrl', 'sqs:GetQueueAttributes', 'sqs:ListQueueTags', 'sqs:TagQueue'],
    read: ['sqs:GetQueueAttributes', 'sqs:ListQueueTags'],
    update: ['sqs:SetQueueAttributes', 'sqs:GetQueueAttributes', 'sqs:ListQueueTags', 'sqs:TagQueue', 'sqs:UntagQueue'],
    delete: ['sqs:DeleteQueue', 'sqs:GetQueueAttributes'],
  },
  'AWS::SQS::QueuePolicy': {
    create: ['sqs:SetQueueAttributes'],
    read: ['sqs:GetQueueAttributes'],
    update: ['sqs:SetQueueAttributes'],
    delete: ['sqs:SetQueueAttributes'],
  },
  'AWS::SNS::Topic': {
    create: [
      'sns:CreateTopic',
      'sns:GetTopicAttributes',
      'sns:PutDataProtectionPolicy',
      'sns:Subscribe',
      'sns:TagResource',
    ],
    read: [
      'sns:GetDataProtectionPolicy',
      'sns:GetTopicAttributes',
      'sns:ListSubscriptionsByTopic',
      'sns:ListTagsForResource',
    ],
    update: ['sns:SetTopicAttributes', 'sns:Subscribe', 'sns:TagResource', 'sns:Unsubscribe', 'sns:UntagResource'],
    delete: ['sns:DeleteTopic'],
  },
  'AWS::SNS::TopicPolicy': {
    create: ['sns:SetTopicAttributes'],
    read: ['sns:GetTopicAttributes'],
    update: ['sns:SetTopicAttributes'],
    delete: ['sns:SetTopicAttributes'],
  },
  'AWS::SNS::Subscription': {
    create: ['sns:GetSubscriptionAttributes', 'sns:ListSubscriptionsByTopic', 'sns:Subscribe'],
    read: ['sns:GetSubscriptionAttributes'],
    update: ['sns:GetSubscriptionAttributes', 'sns:SetSubscriptionAttributes'],
    delete: ['sns:Unsubscribe'],
  },
  'AWS::S3::Bucket': {
    create: [
      's3:CreateBucket',
      's3:GetBucketAcl',
      's3:ListBucket',
      's3:PutBucketOwnershipControls',
      's3:PutBucketPublicAccessBlock',
      's3:PutBucketTagging',
      's3:PutBucketVersioning',
      's3:PutEncryptionConfiguration',
      's3:PutLifecycleConfiguration',
    ],
    read: [
      's3:GetBucketOwnershipControls',
      's3:GetBucketPublicAccessBlock',
      's3:GetBucketTagging',
      's3:GetBucketVersioning',
      's3:GetEncryptionConfiguration',
      's3:GetLifecycleConfiguration',
      's3:ListBucket',
    ],
    update: [
      's3:DeleteBucketEncryption',
      's3:DeleteBucketLifecycle',
      's3:PutBucketAcl',
      's3:PutBucketOwnershipControls',
      's3:PutBucketPublicAccessBlock',
      's3:PutBucketTagging',
      's3:PutBucketVersioning',
      's3:PutEncryptionConfiguration',
      's3:PutLifecycleConfiguration',
    ],
    delete: ['s3:DeleteBucket'],
  },
  'AWS::S3::BucketPolicy': {
    create: ['s3:GetBucketPolicy', 's3:PutBucketPolicy'],
    read: ['s3:GetBucketPolicy'],
    update: ['s3:GetBucketPolicy', 's3:PutBucketPolicy'],
    delete: ['s3:DeleteBucketPolicy', 's3:GetBucketPolicy'],
  },
}
