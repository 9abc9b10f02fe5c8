// One secret per merchant of `params.merchants` in serverless.yml, and their ARNs for the roles and MERCHANT_SECRETS.
// CloudFormation alone cannot repeat a resource over a list of names. It could take the ARNs of secrets made
// elsewhere, but then their encryption, policy and retention would be anybody's guess: here all are alike.

const merchants = async ({ resolveVariable }) => {
  const names = String(await resolveVariable('param:merchants'))
    .split(',')
    .map((name) => name.trim())
  const odd = names.find((name) => !/^[0-9A-Za-z]+$/.test(name))
  if (odd !== undefined) throw new Error(`params.merchants: a name is letters and digits only, not '${odd}'`)
  const ids = names.flatMap((name) => [logicalId(name), policyId(name)])
  const double = names.find((name) => ids.filter((id) => id === logicalId(name) || id === policyId(name)).length > 2)
  if (double !== undefined)
    throw new Error(`params.merchants: '${double}' cannot be told from another name of the list`)
  return names
}

const logicalId = (name) => `MerchantSecret${name[0].toUpperCase()}${name.slice(1)}`
const policyId = (name) => `${logicalId(name)}Policy`

/** The ARN of each secret, all characters of it. */
export const arns = async (serverless) => (await merchants(serverless)).map((name) => ({ Ref: logicalId(name) }))

/** Each secret and who may read it. Empty at first: a person puts the JSON in, so no key passes through a template. */
export const resources = async (serverless) => {
  const prefix = await serverless.resolveVariable('self:custom.name')
  const roles = ['HttpRole', 'QueueRole', 'StepRole'].map((role) => ({ 'Fn::GetAtt': [role, 'Arn'] }))
  const named = { 'Fn::Join': [',', { Ref: 'SecretReaderArns' }] }
  const rolesAndNamed = { 'Fn::Split': [',', { 'Fn::Join': [',', [...roles, named]] }] }

  const both = (name) => [
    [
      logicalId(name),
      {
        Type: 'AWS::SecretsManager::Secret',
        // Removing the stack, or a merchant from the list, must not take the only copy of a private key along.
        // A stage that is made anew after that imports its secrets, or chooses another name.
        DeletionPolicy: 'RetainExceptOnCreate',
        UpdateReplacePolicy: 'Retain',
        Properties: {
          Name: `${prefix}/merchants/${name}`,
          Description: 'Key and certificate number of one WeChat Pay merchant, as JSON',
          KmsKeyId: { 'Fn::GetAtt': ['MerchantKey', 'Arn'] },
        },
      },
    ],
    [
      policyId(name),
      {
        Type: 'AWS::SecretsManager::ResourcePolicy',
        DeletionPolicy: 'RetainExceptOnCreate', // where the secret stays, its policy stays
        UpdateReplacePolicy: 'Retain',
        Properties: {
          SecretId: { Ref: logicalId(name) },
          BlockPublicPolicy: true,
          ResourcePolicy: {
            Version: '2012-10-17',
            Statement: [
              {
                // Whoever administers the account can put a key in; only the functions, and the readers named at
                // deployment, can take it out.
                Sid: 'OnlyItsReaders',
                Effect: 'Deny',
                Principal: '*',
                Action: 'secretsmanager:GetSecretValue',
                Resource: { Ref: logicalId(name) },
                Condition: {
                  ArnNotEquals: { 'aws:PrincipalArn': { 'Fn::If': ['HasSecretReaders', rolesAndNamed, roles] } },
                },
              },
            ],
          },
        },
      },
    ],
  ]
  return Object.fromEntries((await merchants(serverless)).flatMap(both))
}
