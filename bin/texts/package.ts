import { inLanguage } from '../language/in-language.ts'

export const text = inLanguage({
  en: {
    description: 'Makes the CloudFormation template and the archive of the functions, offline.',
    examples: {
      dev: 'what deploys to the stage dev',
      other: 'what deploys to another',
    },
    template: (path: string, resources: number) => `${path}  the CloudFormation template, ${resources} resources`,
    archive: (path: string, kilobytes: number) => `${path}  the four functions, ${kilobytes} kB`,
    deployIt: (command: string) => `Deploy it with: ${command}`,
  },
  'zh-CN': {
    description: '离线生成 CloudFormation 模板和函数的代码包。',
    examples: {
      dev: '部署到环境 dev 的内容',
      other: '部署到另一个环境的内容',
    },
    template: (path, resources) => `${path}  CloudFormation 模板，${resources} 个资源`,
    archive: (path, kilobytes) => `${path}  四个函数的代码包，${kilobytes} kB`,
    deployIt: (command) => `部署它：${command}`,
  },
})
