import { inLanguage } from '../language/in-language.ts'

export const text = inLanguage({
  en: {
    description: 'Builds, packages and deploys to the AWS account of the shell.',
    examples: {
      dev: 'to the stage dev',
      other: 'to another stage, in another region',
    },
    noCredentials: 'this shell has no AWS credentials, so there is no account to deploy to',
    signIn:
      'Sign in (aws sso login, or aws configure) and set AWS_PROFILE, or set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY. ' +
      'To see what would be deployed: npm run package',
    deployed: 'Deployed.',
    output: (name: string, value: string, what: string) => `${name}: ${value}  (${what})`,
    next: "Next, on the first time: put each merchant's keys into its secret (npm run secret), then npm run smoke.",
  },
  'zh-CN': {
    description: '构建、打包，并部署到当前终端登录的 AWS 账号。',
    examples: {
      dev: '部署到环境 dev',
      other: '部署到另一个环境、另一个区域',
    },
    noCredentials: '当前终端没有 AWS 凭证，也就没有可以部署的账号',
    signIn:
      '请登录（aws sso login 或 aws configure）并设置 AWS_PROFILE，或设置 AWS_ACCESS_KEY_ID 和 AWS_SECRET_ACCESS_KEY。' +
      '只想看看会部署什么：npm run package',
    deployed: '部署完成。',
    output: (name, value, what) => `${name}：${value}  （${what}）`,
    next: '如果是第一次部署，接下来：用 npm run secret 写入每个商户的商户API私钥和微信支付公钥，再用 npm run smoke 检查三个入口。',
  },
})
