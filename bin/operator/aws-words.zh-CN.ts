import { createPhraseBook } from '../language/phrase-book.ts'

/** What the SDK says where a person sees it most often, in Chinese; undefined for what AWS itself answers. */
export const awsInChinese = createPhraseBook({
  'Could not load credentials from any providers': '环境变量、配置文件和本机角色里都没有',
  'Could not resolve credentials using profile: [{}] in configuration/credentials file(s).':
    '配置 {} 不存在，或没有凭证',
  'The SSO session associated with this profile has expired. {}': 'SSO 会话已过期',
  'The SSO session associated with this profile is invalid. {}': 'SSO 会话无效',
  'Token is expired. {}': 'SSO 会话已过期',
  'The security token included in the request is invalid.': '凭证无效',
  'The security token included in the request is expired': '临时凭证已到期',
  'connect ECONNREFUSED {}': '{} 拒绝连接',
  'getaddrinfo ENOTFOUND {}': '域名 {} 无法解析',
  '@smithy/node-http-handler - the request socket did not establish a connection with the server within the configured timeout of {} ms.':
    '{} 毫秒内没有连上',
  '@smithy/node-http-handler - [ERROR] a request has exceeded the configured {} ms requestTimeout.':
    '{} 毫秒内没有应答',
})
