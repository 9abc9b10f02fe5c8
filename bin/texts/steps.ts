import { inLanguage } from '../language/in-language.ts'

/** What a call's answer says, and whether it is believed. */
export const stepWords = inLanguage({
  en: {
    verified: 'verified',
    unverified: 'not verified',
    lost: 'answer lost',
    backup: '(backup)',
    nobodyKnows: 'done, but nobody knows',
    SUCCESS: 'it is paid',
    NOTPAY: 'it is not paid',
    REVOKED: 'it is reversed',
    CLOSED: 'it is closed',
    USERPAYING: 'the password is being typed',
    ORDER_NOT_EXIST: 'no such order, or not yet',
    NO_AUTH: 'the right to it is missing',
    SIGN_ERROR: 'our signature is refused',
    SYSTEM_ERROR: 'an error of its own',
    200: 'that alone proves nothing',
  },
  'zh-CN': {
    verified: '已验签',
    unverified: '未通过验签',
    lost: '应答丢失',
    backup: '（备域名）',
    nobodyKnows: '已执行，但没人知道',
    SUCCESS: '已付款',
    NOTPAY: '未付款',
    REVOKED: '已撤销',
    CLOSED: '已关闭',
    USERPAYING: '正在输入密码',
    ORDER_NOT_EXIST: '没有这笔订单，或尚未到达',
    NO_AUTH: '没有权限',
    SIGN_ERROR: '我们的签名被拒绝',
    SYSTEM_ERROR: '微信支付的系统错误',
    200: '单凭它证明不了什么',
  },
})
