import { lookup } from 'node:dns/promises'
import { connect, isIP, type Socket, type TcpNetConnectOpts } from 'node:net'
import { setTimeout } from 'node:timers/promises'
import { type ConnectionOptions, connect as connectTls, type TLSSocket } from 'node:tls'
import type { Endpoint } from '../../../lib/wechatpay/endpoints.ts'
import { addressTimeoutMs } from '../../../lib/wechatpay/exchange.ts'
import { type Checklist, type Finding, failed, ok, skipped } from './checklist.ts'

const FIREWALL =
  'Look at firewall, security group and proxy: this machine must reach it directly (no HTTP proxy is used).'

/** Can the domain's name be resolved, and can it be reached with TCP and TLS? True when a request can be sent. */
export async function checkConnection(list: Checklist, endpoint: Endpoint, timeoutMs: number): Promise<boolean> {
  const { origin, protocol } = endpoint
  let isOpen = false
  let isKnown = false
  await list.make(origin, 'name', async () => {
    const finding = behindProxy(await checkName(endpoint, timeoutMs))
    isKnown = finding.status === 'ok'
    return finding
  })
  await list.make(origin, protocol === 'https:' ? 'connection and TLS' : 'connection', async () => {
    if (!isKnown) return skipped('the name could not be resolved')
    const finding = behindProxy(await checkReach(endpoint, timeoutMs))
    isOpen = finding.status === 'ok'
    return finding
  })
  return isOpen
}

async function checkName({ hostname }: Endpoint, timeoutMs: number): Promise<Finding> {
  if (isIP(hostname)) return ok(`${hostname} is an address`)
  const fix = 'Look at the spelling of the domain, and at the DNS settings of this machine.'
  try {
    const late = setTimeout(timeoutMs, undefined, { ref: false })
    const found = await Promise.race([lookup(hostname, { all: true }), late])
    if (found === undefined) return failed(`DNS: no answer about ${hostname} within ${timeoutMs} ms`, fix)
    return ok(found.map(({ address }) => address).join(', '))
  } catch (error) {
    return failed(`DNS: ${hostname} cannot be resolved (${(error as NodeJS.ErrnoException).code})`, fix)
  }
}

/** What stops a connection, by the system's error code. */
const TCP_TROUBLES: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'refuses connections: nobody listens there',
  ECONNRESET: 'resets the connection',
  EHOSTUNREACH: 'cannot be reached from this network',
  ENETUNREACH: 'cannot be reached from this network',
  ETIMEDOUT: 'takes no connection',
}

async function checkReach(endpoint: Endpoint, timeoutMs: number): Promise<Finding> {
  const { hostname, port, protocol } = endpoint
  const tcp = await opened(
    connect({ host: hostname, port, autoSelectFamilyAttemptTimeout: addressTimeoutMs(timeoutMs) }),
    'connect',
    timeoutMs,
  )
  tcp.socket.destroy()
  if (tcp.code === 'timeout') return failed(`no connection to port ${port} within ${timeoutMs} ms`, FIREWALL)
  if (tcp.code !== undefined) return failed(`${TCP_TROUBLES[tcp.code] ?? 'cannot be reached'} (${tcp.code})`, FIREWALL)
  return protocol === 'https:' ? checkTls(endpoint, timeoutMs) : ok(`port ${port} is open; http, without TLS`)
}

const CLOCK = 'Look at the clock of this machine; if it is right, something in between answers in the domain’s place.'
const INTERCEPTED =
  'Something in between opens the TLS connection (a proxy, a virus scanner): have it let this domain through, or trust its certificate with NODE_EXTRA_CA_CERTS.'

/** What is wrong with a certificate, by the code of node's TLS. */
const TLS_TROUBLES: Readonly<Record<string, readonly [what: string, fix: string]>> = {
  CERT_HAS_EXPIRED: ['its certificate has expired', CLOCK],
  CERT_NOT_YET_VALID: ['its certificate is not valid yet', CLOCK],
  ERR_TLS_CERT_ALTNAME_INVALID: ['its certificate is for another name', INTERCEPTED],
  DEPTH_ZERO_SELF_SIGNED_CERT: ['its certificate is signed by itself', INTERCEPTED],
  SELF_SIGNED_CERT_IN_CHAIN: ['its certificate comes from an authority this machine does not trust', INTERCEPTED],
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: [
    'its certificate comes from an authority this machine does not trust',
    INTERCEPTED,
  ],
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: ['its certificate comes from an authority this machine does not trust', INTERCEPTED],
}

/** What ends a handshake, by the code of the system or of node's TLS. */
const HANDSHAKE_TROUBLES: readonly (readonly [code: RegExp, what: string])[] = [
  [/^(ECONNRESET|EPIPE)$/, 'it was broken off, as by a firewall that lets only some names through'],
  [/CERTIFICATE_REQUIRED|BAD_CERTIFICATE/, "it wants a certificate of this client, which WeChat Pay's APIv3 does not"],
  [/HANDSHAKE_FAILURE/, "it wants a certificate of this client, or ciphers that Node lacks: not WeChat Pay's APIv3"],
  [/(?:)/, 'what listens there does not speak TLS 1.2 or later'],
]

/** A network that lets only its proxy out shows first as a name that is not known, or a connection that is not taken. */
function behindProxy(finding: Finding, { HTTPS_PROXY, https_proxy, ALL_PROXY, all_proxy } = process.env): Finding {
  if (finding.status !== 'failed' || !(HTTPS_PROXY || https_proxy || ALL_PROXY || all_proxy)) return finding
  return failed(
    `${finding.detail}. HTTPS_PROXY is set: perhaps this network lets only its proxy out, and neither doctor nor the functions use one`,
    'Run it where the functions run, or let this machine reach the domain directly.',
  )
}

/** Shakes hands without sending anything, so that a certificate that is not trusted can be told apart and named. */
async function checkTls({ hostname, port }: Endpoint, timeoutMs: number): Promise<Finding> {
  const name = isIP(hostname) ? {} : { servername: hostname }
  const options: ConnectionOptions & Pick<TcpNetConnectOpts, 'autoSelectFamilyAttemptTimeout'> = {
    ...{ host: hostname, port, minVersion: 'TLSv1.2', rejectUnauthorized: false, ...name },
    autoSelectFamilyAttemptTimeout: addressTimeoutMs(timeoutMs),
  }
  const { socket, code } = await opened(connectTls(options), 'secureConnect', timeoutMs)
  const { authorized, authorizationError } = socket
  const protocol = code === undefined ? socket.getProtocol() : null
  const issuer = code === undefined ? socket.getPeerCertificate().issuer : undefined
  socket.destroy()
  if (code === 'timeout')
    return failed(`TLS: the connection is taken, but nothing is said within ${timeoutMs} ms`, FIREWALL)
  if (code !== undefined) {
    const [, what] = HANDSHAKE_TROUBLES.find(([pattern]) => pattern.test(code))!
    return failed(`TLS: no handshake (${code}): ${what}`, FIREWALL)
  }
  if (authorized) return ok(`port ${port}, ${protocol}`)
  const reason = String(authorizationError)
  const [what, fix] = TLS_TROUBLES[reason] ?? ['its certificate is not trusted', INTERCEPTED]
  const from = issuer?.O ?? issuer?.CN
  return failed(`TLS: ${what} (${reason}${from === undefined ? '' : `, issued by ${from}`})`, fix)
}

/** The socket once it is open; `code` says why it is not. */
function opened<S extends Socket | TLSSocket>(socket: S, event: string, timeoutMs: number) {
  return new Promise<{ socket: S; code?: string }>((resolve) => {
    socket.setTimeout(timeoutMs, () => resolve({ socket, code: 'timeout' }))
    socket.once(event, () => resolve({ socket }))
    socket.once('end', () => resolve({ socket, code: 'ECONNRESET' }))
    socket.on('error', (error: NodeJS.ErrnoException) => resolve({ socket, code: error.code ?? error.name }))
  })
}
