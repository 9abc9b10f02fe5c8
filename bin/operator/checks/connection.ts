import { lookup } from 'node:dns/promises'
import { connect, isIP, type Socket, type TcpNetConnectOpts } from 'node:net'
import { setTimeout } from 'node:timers/promises'
import { type ConnectionOptions, connect as connectTls, type TLSSocket } from 'node:tls'
import type { Endpoint } from '../../../lib/wechatpay/endpoints.ts'
import { addressTimeoutMs } from '../../../lib/wechatpay/exchange.ts'
import { type Checklist, type Finding, failed, ok, skipped } from './checklist.ts'
import { text } from './text.ts'

/** Can the domain's name be resolved, and can it be reached with TCP and TLS? True when a request can be sent. */
export async function checkConnection(list: Checklist, endpoint: Endpoint, timeoutMs: number): Promise<boolean> {
  const { origin, protocol } = endpoint
  let isOpen = false
  let isKnown = false
  await list.make(origin, text.checks.name, async () => {
    const finding = behindProxy(await checkName(endpoint, timeoutMs))
    isKnown = finding.status === 'ok'
    return finding
  })
  await list.make(origin, protocol === 'https:' ? text.checks.tls : text.checks.connection, async () => {
    if (!isKnown) return skipped(text.connection.nameUnknown)
    const finding = behindProxy(await checkReach(endpoint, timeoutMs))
    isOpen = finding.status === 'ok'
    return finding
  })
  return isOpen
}

async function checkName({ hostname }: Endpoint, timeoutMs: number): Promise<Finding> {
  if (isIP(hostname)) return ok(text.connection.isAddress(hostname))
  try {
    const late = setTimeout(timeoutMs, undefined, { ref: false })
    const found = await Promise.race([lookup(hostname, { all: true }), late])
    if (found === undefined) return failed(text.connection.noDnsAnswer(hostname, timeoutMs), text.connection.nameFix)
    return ok(found.map(({ address }) => address).join(', '))
  } catch (error) {
    return failed(
      text.connection.notResolved(hostname, String((error as NodeJS.ErrnoException).code)),
      text.connection.nameFix,
    )
  }
}

/** What stops a connection, by the system's error code. */
const TCP_TROUBLES: Readonly<Record<string, string>> = {
  ECONNREFUSED: text.connection.refuses,
  ECONNRESET: text.connection.resets,
  EHOSTUNREACH: text.connection.unreachable,
  ENETUNREACH: text.connection.unreachable,
  ETIMEDOUT: text.connection.takesNone,
}

async function checkReach(endpoint: Endpoint, timeoutMs: number): Promise<Finding> {
  const { hostname, port, protocol } = endpoint
  const tcp = await opened(
    connect({ host: hostname, port, autoSelectFamilyAttemptTimeout: addressTimeoutMs(timeoutMs) }),
    'connect',
    timeoutMs,
  )
  tcp.socket.destroy()
  if (tcp.code === 'timeout') return failed(text.connection.noConnection(port, timeoutMs), text.connection.firewall)
  if (tcp.code !== undefined)
    return failed(
      text.connection.coded(TCP_TROUBLES[tcp.code] ?? text.connection.notReached, tcp.code),
      text.connection.firewall,
    )
  return protocol === 'https:' ? checkTls(endpoint, timeoutMs) : ok(text.connection.openPlain(port))
}

/** What is wrong with a certificate, by the code of node's TLS. */
const TLS_TROUBLES: Readonly<Record<string, readonly [what: string, fix: string]>> = {
  CERT_HAS_EXPIRED: [text.tls.expired, text.tls.clock],
  CERT_NOT_YET_VALID: [text.tls.notYet, text.tls.clock],
  ERR_TLS_CERT_ALTNAME_INVALID: [text.tls.otherName, text.tls.intercepted],
  DEPTH_ZERO_SELF_SIGNED_CERT: [text.tls.selfSigned, text.tls.intercepted],
  SELF_SIGNED_CERT_IN_CHAIN: [text.tls.untrustedIssuer, text.tls.intercepted],
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: [text.tls.untrustedIssuer, text.tls.intercepted],
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: [text.tls.untrustedIssuer, text.tls.intercepted],
}

/** What ends a handshake, by the code of the system or of node's TLS. */
const HANDSHAKE_TROUBLES: readonly (readonly [code: RegExp, what: string])[] = [
  [/^(ECONNRESET|EPIPE)$/, text.tls.brokenOff],
  [/CERTIFICATE_REQUIRED|BAD_CERTIFICATE/, text.tls.wantsCertificate],
  [/HANDSHAKE_FAILURE/, text.tls.wantsMore],
  [/(?:)/, text.tls.noTls],
]

/** A network that lets only its proxy out shows first as a name that is not known, or a connection that is not taken. */
function behindProxy(finding: Finding, { HTTPS_PROXY, https_proxy, ALL_PROXY, all_proxy } = process.env): Finding {
  if (finding.status !== 'failed' || !(HTTPS_PROXY || https_proxy || ALL_PROXY || all_proxy)) return finding
  return failed(text.connection.behindProxy(finding.detail), text.connection.behindProxyFix)
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
  if (code === 'timeout') return failed(text.tls.silent(timeoutMs), text.connection.firewall)
  if (code !== undefined) {
    const [, what] = HANDSHAKE_TROUBLES.find(([pattern]) => pattern.test(code))!
    return failed(text.tls.noHandshake(code, what), text.connection.firewall)
  }
  if (authorized) return ok(text.connection.open(Number(port), String(protocol)))
  const reason = String(authorizationError)
  const [what, fix] = TLS_TROUBLES[reason] ?? [text.tls.untrusted, text.tls.intercepted]
  const from = issuer?.O ?? issuer?.CN
  return failed(text.tls.refused(what, from === undefined ? reason : text.tls.issuedBy(reason, String(from))), fix)
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
