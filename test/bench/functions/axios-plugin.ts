// The same around wechatpay-axios-plugin.
import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager'
import middy from '@middy/core'
import { createAxiosPluginClient } from '../subjects/axios-plugin-client.ts'
import { readSetting } from '../subjects/setting.ts'

const secrets = new SecretsManagerClient()
let client: ReturnType<typeof createAxiosPluginClient> | undefined

async function connect() {
  const { SecretString } = await secrets.send(new GetSecretValueCommand({ SecretId: process.env.MERCHANT_SECRETS }))
  return createAxiosPluginClient(readSetting(SecretString))
}

export const handler = middy<{ out_trade_no: string }>().handler(async ({ out_trade_no }) => {
  client ??= await connect()
  await client.query(out_trade_no)
  await client.reverse(out_trade_no)
  return await client.query(out_trade_no)
})
