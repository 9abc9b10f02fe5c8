/** What the simulator's faults do, in Chinese, by their English words. Rows about codes and headers are built by PATTERNS. */
const WORDS: Readonly<Record<string, string>> = {
  'no answer': '没有应答',
  'the connection is reset (at_byte of the answer)': '连接被重置',
  'the connection is reset: the lost answer': '连接被重置：应答丢失',
  'reset within the status line': '在状态行中间重置',
  'reset half-way through the body': '在报文体中途重置',
  'a body without end': '没有尽头的报文体',
  'a body of 50 MB': '50 MB 的报文体',
  'the true answer after ms (3,000)': '真实应答，3 秒后才到',
  'the true answer, a byte each ms (100)': '真实应答，每 100 毫秒一个字节',
  '502, an HTML page': '502，HTML 页面',
  '503, an HTML page': '503，HTML 页面',
  '504, an HTML page': '504，HTML 页面',
  '401, the HTML page of a proxy': '401，代理的 HTML 页面',
  '200, the HTML page of a proxy': '200，代理的 HTML 页面',
  '302 elsewhere': '302 重定向',
  '307 elsewhere': '307 重定向',
  'the true answer without its signature': '真实应答，但没有签名',
  '404 ORDER_NOT_EXIST without a signature': '404 ORDER_NOT_EXIST，没有签名',
  '400 PARAM_ERROR without a signature': '400 PARAM_ERROR，没有签名',
  '200 and REVOKED without a signature': '200 REVOKED，没有签名',
  '401 SIGN_ERROR, unsigned as the real one': '401 SIGN_ERROR，与真实的一样没有签名',
  'another state, code or spacing than was signed': '内容与签名时不同',
  'half the body, its length told right': '只有一半报文体',
  'one byte more than was signed': '比签名时多一个字节',
  'signed by a stranger under the right serial': '陌生人签名，序列号正确',
  'signed by a stranger under its own serial': '陌生人签名，序列号未知',
  'a WECHATPAY/SIGNTEST/ probe for a signature': 'WECHATPAY/SIGNTEST/ 签名探测',
  'signed 310 s ago': '310 秒前签名',
  'signed 310 s from now': '310 秒后的签名时间',
  'a timestamp that is no number': '时间戳不是数字',
  'a signature that is not base64': '签名不是 base64',
  'about another out_trade_no': '是别的 out_trade_no',
  'about another mchid': '是别的 mchid',
  'about another appid': '是别的 appid',
  'about another sub_mchid': '是别的 sub_mchid',
  'named as a direct merchant of the number': '写成了直连商户的名字',
  'an empty body': '报文体为空',
  'a body that is not JSON': '报文体不是 JSON',
  'the JSON null': 'JSON null',
  'a JSON array': 'JSON 数组',
  'JSON that is not UTF-8': '不是 UTF-8 的 JSON',
  '403 and a code nobody knows': '403，从未见过的错误码',
  '400 and a number for a code': '400，错误码是数字',
  'a state of other products': '其他产品的状态',
  'the order before its last change': '最后一次变化之前的订单',
  'charset=gbk': 'charset=gbk',
  'text/html': 'text/html',
  'a byte order mark first': '以字节顺序标记开头',
}

const PATTERNS: readonly (readonly [RegExp, string])[] = [
  [/^(\d{3}(?: [A-Z_]+)?)$/, '$1'],
  [/^([A-Z_]+ \d+): .*$/, '$1'],
  [/^no (Wechatpay-\w+)$/, '没有 $1'],
  [/^(Wechatpay-\w+) twice$/, '$1 重复'],
]

/** Undefined when it has no Chinese words yet. */
export function faultInChinese(does: string): string | undefined {
  const [pattern, form] = PATTERNS.find(([one]) => one.test(does)) ?? []
  return pattern && form ? does.replace(pattern, form) : WORDS[does]
}
