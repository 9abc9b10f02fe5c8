import { createPhraseBook } from '../../language/phrase-book.ts'

/** What is wrong with a secret or a file, and what to do, by the words of the readers in lib; `{}` stands for a name. A test holds it complete. */
const WORDS: Readonly<Record<string, string>> = {
  'is missing': '缺少',
  'is missing (is {} meant?)': '缺少（是不是写成了 {}？）',
  "put it there as text; npm run secret makes the whole from the merchant platform's files":
    '请以文本填入；npm run secret 可以用从商户平台下载的文件生成整段 JSON',
  'must be text in quotes, not {}': '必须是带引号的文本，而不是 {}',
  'a list': '列表',
  'a number': '数字',
  'a boolean': '布尔值',
  'an object': '对象',
  'is empty': '是空的',
  'is an appid': '这是 appid',
  'put the merchant number (商户号) here: 8 to 10 digits': '请填商户号：8 到 10 位数字',
  'must be letters and digits only': '只能是字母和数字',
  "is WeChat Pay's public key id": '这是微信支付公钥ID',
  "put the serial number of the merchant's own certificate here, in hex: openssl x509 -in apiclient_cert.pem -noout -serial":
    '请填商户API证书序列号，十六进制：openssl x509 -in apiclient_cert.pem -noout -serial',
  'put the id here that the merchant platform shows beside the public key: PUB_KEY_ID_…':
    '请填商户平台上公钥旁边的公钥ID：PUB_KEY_ID_…',
  'put the id here that stands beside the key: PUB_KEY_ID_…': '请填公钥旁边的公钥ID：PUB_KEY_ID_…',
  'write { "<serial or PUB_KEY_ID>": "<PEM>" }, an object and not text: edit the secret as plaintext':
    '请写成对象 { "<serial or PUB_KEY_ID>": "<PEM>" }，不要写成文本：以纯文本方式编辑 secret',
  'looks like the APIv3 key, a secret that is not needed here': '像是 APIv3密钥，这里不需要它',
  "is the same as certificate_serial_no, the merchant's own": '与 certificate_serial_no 相同，那是商户自己的证书',
  'is not an object': '不是对象',
  'must be an object of texts': '必须是对象，其中每个值都是文本',
  'must be a list of addresses': '必须是地址列表',
  'no address in the list': '列表里没有地址',
  'holds nothing but commas': '只有逗号',
  'address {} cannot be read': '第 {} 个地址读不出来',
  'address {} must begin with https://': '第 {} 个地址必须以 https:// 开头',
  'address {} must be scheme, host and port only': '第 {} 个地址只能有协议、主机和端口',
  'must be a number greater than 0': '必须是大于 0 的数字',
  'is a merchant of the sandbox at {}, and not sent to {}': '是沙箱 {} 的商户，不会发往 {}',
  'WeChat Pay': '微信支付',
  'leads out of this machine, where no sandbox is': '指向本机之外，那里没有沙箱',
  'take it out: only a merchant of npm run sandbox has it, and its file is written anew at each start':
    '请去掉：只有 npm run sandbox 的商户才有它，而且每次启动都会重写那个文件',
  "is the merchant's own public key, not WeChat Pay's key": '这是商户自己的公钥，不是微信支付公钥',
  "is the merchant's own certificate, not WeChat Pay's key": '这是商户API证书，不是微信支付公钥',
  "put WeChat Pay's public key here (pub_key.pem; merchant platform: 账户中心 → API安全 → 微信支付公钥)":
    '请填微信支付公钥（pub_key.pem；商户平台：账户中心 → API安全 → 微信支付公钥）',
  'is the platform certificate with the serial {}, but stands under {}': '这是序列号为 {} 的平台证书，却放在 {} 名下',
  'put a public key under its PUB_KEY_ID, and a platform certificate into other_wechatpay_keys under its own serial':
    '公钥放在它的公钥ID名下；平台证书放入 other_wechatpay_keys，以它自己的序列号为名',
  'is not a number': '不是数字',
  'a merchant number (商户号) is 8 to 10 digits: check it': '商户号是 8 到 10 位数字：请核对',
  'is not 40 hex digits, as serials are': '不是 40 位十六进制，证书序列号都是这样的',
  "is not in WeChat Pay's own spelling, but legible": '写法与微信支付的不同，但能读懂',
  'does not begin with PUB_KEY_ID_, as the ids of public keys do': '不以 PUB_KEY_ID_ 开头，公钥ID都是这样开头的',
  'is not written as in a PEM file, but legible': '写法与 PEM 文件不同，但能读懂',
  'nothing need be done': '无需处理',
  "put the JSON object of docs/configuration.md there; npm run secret makes it from the merchant platform's files":
    '请填 docs/configuration.zh-CN.md 里的 JSON 对象；npm run secret 可以用从商户平台下载的文件生成',
  'is JSON text with the object inside it': '是 JSON 文本，对象被包在了引号里',
  'store the object itself, without quotes around it': '请存对象本身，外面不加引号',
  'is JSON, but not an object': '是 JSON，但不是对象',
  'is the whole answer of GetSecretValue': '这是 GetSecretValue 的整个应答',
  'store the value of its SecretString alone: aws secretsmanager get-secret-value --query SecretString --output text --secret-id <name>':
    '请只存其中 SecretString 的值：aws secretsmanager get-secret-value --query SecretString --output text --secret-id <name>',
  'is text in UTF-16, read as another encoding': '是 UTF-16 文本，却按别的编码读了',
  'save the file as UTF-8, and store that': '请把文件另存为 UTF-8，再存入',
  '{}, not the JSON that holds one': '{}，不是装着它的 JSON',
  'is not JSON, for a line break stands inside a text (line {} column {})':
    '不是 JSON：文本里面有换行（第 {} 行第 {} 列）',
  'is not JSON, for a line break stands inside a text ({})': '不是 JSON：文本里面有换行（{}）',
  'write the line breaks of a PEM as \\n, or make the JSON with npm run secret':
    '请把 PEM 的换行写成 \\n，或用 npm run secret 生成 JSON',
  'is not JSON': '不是 JSON',
  'is not JSON (from line {} column {})': '不是 JSON（从第 {} 行第 {} 列起）',
  'is not JSON (from {})': '不是 JSON（从 {} 起）',
  'is a key of type {}': '是 {} 类型的密钥',
  'WeChat Pay uses RSA; use the key that the merchant platform shows or makes':
    '微信支付用 RSA；请用商户平台给出或生成的密钥',
  'what stands there': '原来的值',
  'has only {} bits': '只有 {} 位',
  "WeChat Pay's keys have 2048; use the key that the merchant platform shows or makes":
    '微信支付的密钥是 2048 位；请用商户平台给出或生成的密钥',
  'is a private key': '这是私钥',
  'is a public key': '这是公钥',
  'is a certificate': '这是证书',
  'is a private key with a passphrase': '这是带口令的私钥',
  'is a certificate that cannot be read': '这是读不出来的证书',
  'is a certificate request (CSR)': '这是证书请求（CSR）',
  'is a PKCS#12 file, as apiclient_cert.p12': '这是 apiclient_cert.p12 那样的 PKCS#12 文件',
  'is a PKCS#7 file': '这是 PKCS#7 文件',
  'is a key in the form of OpenSSH': '这是 OpenSSH 格式的密钥',
  'is no private key that can be read': '不是能读出来的私钥',
  'is no public key that can be read': '不是能读出来的公钥',
  'is no certificate that can be read': '不是能读出来的证书',
  'put the private key here, the whole content of apiclient_key.pem':
    '请填商户API私钥，即 apiclient_key.pem 的全部内容',
  "put WeChat Pay's public key here, the whole content of pub_key.pem (merchant platform: 账户中心 → API安全 → 微信支付公钥)":
    '请填微信支付公钥，即 pub_key.pem 的全部内容（商户平台：账户中心 → API安全 → 微信支付公钥）',
  "give the merchant's certificate, the whole content of apiclient_cert.pem (merchant platform: 账户中心 → API安全 → 商户API证书)":
    '请给商户API证书，即 apiclient_cert.pem 的全部内容（商户平台：账户中心 → API安全 → 商户API证书）',
  'put the private key here, the whole content of apiclient_key.pem, not apiclient_cert.pem':
    '请填商户API私钥，即 apiclient_key.pem 的全部内容，而不是 apiclient_cert.pem',
  'put it here without its passphrase: openssl pkey -in <file> -out apiclient_key.pem asks for it once':
    '请去掉口令再填：openssl pkey -in <file> -out apiclient_key.pem 会问一次口令',
  'put apiclient_key.pem of the same archive here, or make it: openssl pkcs12 -in apiclient_cert.p12 -nocerts -nodes -out apiclient_key.pem (its password is the mchid; OpenSSL 3 may want -legacy)':
    '请填同一压缩包里的 apiclient_key.pem，或生成它：openssl pkcs12 -in apiclient_cert.p12 -nocerts -nodes -out apiclient_key.pem（密码是商户号；OpenSSL 3 可能要加 -legacy）',
  "write it as PEM: ssh-keygen -p -N '' -m PEM -f <a copy of the file>":
    "请转成 PEM：ssh-keygen -p -N '' -m PEM -f <文件的副本>",
  'take the certificate out of it: openssl pkcs7 -in <file> -print_certs -out <file>.pem':
    '请从中取出证书：openssl pkcs7 -in <file> -print_certs -out <file>.pem',
  'give apiclient_cert.pem of the same archive, or make it: openssl pkcs12 -in apiclient_cert.p12 -clcerts -nokeys -out apiclient_cert.pem (its password is the mchid; OpenSSL 3 may want -legacy)':
    '请给同一压缩包里的 apiclient_cert.pem，或生成它：openssl pkcs12 -in apiclient_cert.p12 -clcerts -nokeys -out apiclient_cert.pem（密码是商户号；OpenSSL 3 可能要加 -legacy）',
  'take the certificate out of it: openssl pkcs7 -in <file> -print_certs -out apiclient_cert.pem':
    '请从中取出证书：openssl pkcs7 -in <file> -print_certs -out apiclient_cert.pem',
  'hand it in on the merchant platform (账户中心 → API安全 → 商户API证书), which gives the certificate for it':
    '请把它提交到商户平台（账户中心 → API安全 → 商户API证书），换取证书',
  'put the whole content of the file here': '请填文件的全部内容',
  'means nothing here': '这里用不到',
  'take it out, or correct its name': '请去掉，或改正名字',
  'names a key of WeChat Pay': '写的是微信支付的公钥或证书',
  'the name of entry {} must be a serial number or a PUB_KEY_ID': '第 {} 项的名字必须是序列号或公钥ID',
}

/** In Chinese; undefined for words of others. */
export const refusalInChinese = createPhraseBook(WORDS)
