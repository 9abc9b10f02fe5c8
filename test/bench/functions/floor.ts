// The least a step function could be: middy around one secret read with the SDK and three bare calls.
import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager'
import middy from '@middy/core'
import { createFloorClient } from '../subjects/floor-client.ts'
import { readSetting } from '../subjects/setting.ts'

const secrets = new SecretsManagerClient()
let client: ReturnType<typeof createFloorClient> | undefined

async function connect() {
  const { SecretString } = await secrets.send(new GetSecretValueCommand({ SecretId: process.env.MERCHANT_SECRETS }))
  return createFloorClient(readSetting(SecretString))
}

export const handler = middy<{ out_trade_no: string }>().handler(async ({ out_trade_no }) => {
  client ??= await connect()
  await client.query(out_trade_no)
  await client.reverse(out_trade_no)
  return await client.query(out_trade_no)
})
