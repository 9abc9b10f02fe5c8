import { faultInChinese } from '../../infra/local/page/browser/faults.zh-CN.ts'
import { TEXTS } from '../../infra/local/page/browser/texts.ts'
import type { SandboxWords } from './sandbox.ts'

/** What the calls of the control API do. One that is missing is drawn in English, and a test says so. */
const ROUTES: Readonly<Record<string, string>> = {
  'GET /simulator': '本清单',
  'GET /simulator/clock': '这里现在的时间',
  'POST /simulator/clock': '把时钟一次拨快：{forward_seconds}',
  'GET /simulator/books': '账本：每笔订单及其资金、收到的每次撤销、将要发生的事（`?mchid=&out_trade_no=` 用来筛选）',
  'PUT /simulator/orders/:mchid/:out_trade_no':
    '直接放一笔新订单：{state, appid?, sub_mchid?, sub_appid?, total?, trade_type?, description?, paid?, faults?: [只对这笔订单的故障]}',
  'GET /simulator/orders/:mchid/:out_trade_no': '一笔订单的全部历史，从旧到新',
  'POST /simulator/orders/:mchid/:out_trade_no/:event':
    '让事情发生：prompt、leave、pay、fail、charge、reverse、expire、close 或 refund：{after_ms?；退款时还有 amount?, out_refund_no?}',
  'GET /simulator/faults': '故障表',
  'GET /simulator/plans': '还没用掉的故障计划',
  'POST /simulator/plans':
    '安排一个故障：{fault, endpoint?, mchid?, out_trade_no?, host?, times?, after?, probability?, seed?, effect?, ms?, at_byte?}',
  'DELETE /simulator/plans': '取消所有故障计划（?out_trade_no= 只取消该订单的）',
  'GET /simulator/keys': '应答签名用的密钥，只有公钥部分',
  'POST /simulator/keys':
    '换一把新的当前密钥：{kind: "public key" | "platform certificate", id?}；已有的 id 则重新成为当前密钥',
  'PUT /simulator/keys/answer-with': '不管请求要哪把，所有应答都用这把密钥签名：{id}；null 恢复原样',
  'DELETE /simulator/keys/:id': '停用一把密钥：指名要它的请求，改用平台证书应答',
  'POST /simulator/merchants':
    '新增商户，或给商户再加一张证书、一个 appid：{mchid, appid, certificate_serial_no, public_key}',
  'PUT /simulator/merchants/:mchid/sub-merchants/:sub_mchid': '给服务商绑定一个子商户：{sub_appid?}',
  'DELETE /simulator/merchants/:mchid/certificates/:serial': '商户证书已更换：用旧证书签名的请求从此被拒绝',
  'GET /simulator/options': '真实行为未知之处，这里的选择',
  'PATCH /simulator/options': '修改其中几项',
  'PUT /simulator/domains/:host': '让 main 或 backup 域名下线，或恢复：{state: "up" | "refuse" | "black-hole"}',
  'GET /simulator/domains': '两个域名，以及各自的连接数和请求数',
  'GET /simulator/log': '最近 10,000 个请求（`?refused` 只看没通过检查的）',
  'GET /simulator/pay-codes': '`auth_code` 末两位对应的顾客，以及订单上可能发生的事',
}

export const CHINESE: SandboxWords = {
  ending: '`auth_code` 末两位',
  customer: '顾客',
  codepay: '付款码支付的应答',
  broken: '没有应答：连接断开',
  state: '`trade_state`',
  becomes: '可能发生什么 → 之后的状态',
  fault: '故障',
  arrives: '收到什么',
  effect: '实际执行了吗',
  done: '执行了',
  undone: '没有',
  call: '调用',
  does: '作用',
  customerOf: (code, does) => (TEXTS.zh as Record<string, string>)[`customer.${code}`] ?? does,
  faultOf: (does) => faultInChinese(does) ?? does,
  routeOf: (call, does) => ROUTES[call] ?? does,
}
