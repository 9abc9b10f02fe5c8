import { inLanguage } from '../language/in-language.ts'

export const text = inLanguage({
  en: {
    description: 'Says whether these credentials work, and if not exactly why.',
    examples: {
      file: 'a file',
      secret: 'a secret in Secrets Manager, by name or ARN',
      certificate: 'whether key and serial belong together, too',
      provider: 'a service provider, and its bond to a merchant under it',
      appid: 'whether a reverse under this appid is permitted, too',
    },
    certificate: "the merchant's own certificate, apiclient_cert.pem",
    appid: "also reverse, under this appid (a provider's own), an order that cannot exist",
    offline: 'look at the secret only, ask nobody',
    json: 'print the checklist as JSON',
    healthy: (warnings: number, what: string) =>
      `Healthy${warnings === 0 ? '' : `, with ${warnings} ${warnings === 1 ? 'warning' : 'warnings'}`}: ${what}.`,
    wellFormed: 'the secret is well formed',
    accepted: 'WeChat Pay accepts these credentials, and its answers verify',
    acceptedBySandbox: 'the sandbox accepts these credentials, and its answers verify',
    failed: (count: number) => `${count} failed: put right the first one, then look again.`,
  },
  'zh-CN': {
    description: '检查商户凭证能不能用；不能用的话，究竟错在哪里。',
    examples: {
      file: '检查一个文件',
      secret: '检查 Secrets Manager 里的 secret，用名称或 ARN',
      certificate: '同时检查私钥与证书序列号是否配对',
      provider: '检查服务商，以及它与子商户的绑定',
      appid: '同时检查能否用这个 appid 撤销',
    },
    certificate: '商户自己的商户API证书，apiclient_cert.pem',
    appid: '同时用这个 appid（服务商用它自己的）撤销一笔不可能存在的订单',
    offline: '只看 secret，不访问微信支付',
    json: '以 JSON 输出检查结果',
    healthy: (warnings, what) => `正常${warnings === 0 ? '' : `，有 ${warnings} 个警告`}：${what}。`,
    wellFormed: 'secret 格式正确',
    accepted: '微信支付接受这些凭证，它的应答也验签通过',
    acceptedBySandbox: '沙箱接受这些凭证，它的应答也验签通过',
    failed: (count) => `${count} 项不通过：先改正第一项，再检查一次。`,
  },
})
