/** One route of the template's HTTP API. */
export interface Route {
  /** `POST /v3/…/{name}`, or `$default`. */
  routeKey: string
  functionName: string
  functionArn: string
  /** `AWS_IAM` routes ask for a signature. */
  authorizationType: string
  /** API Gateway's own limit is 30 s. */
  timeoutMs: number
}

export interface Match {
  route: Route
  parameters: Record<string, string>
}

/** The route for a request: API Gateway prefers a full match over a parameter, and both over `$default`. */
export function findRoute(routes: Route[], method: string, pathname: string): Match | undefined {
  const matches = routes.flatMap((route): Match[] => {
    if (route.routeKey === '$default') return [{ route, parameters: {} }]
    const [routeMethod, path = ''] = route.routeKey.split(' ')
    if (routeMethod !== method && routeMethod !== 'ANY') return []
    const pattern = path
      .split('/')
      .map((part) =>
        part
          .replaceAll('.', '\\.')
          .replace(/^\{(\w+)\}$/, '(?<$1>[^/]+)')
          .replace(/^\{(\w+)\+\}$/, '(?<$1>.+)'),
      )
      .join('/')
    const match = pathname.match(new RegExp(`^${pattern}$`))
    return match ? [{ route, parameters: { ...match.groups } }] : []
  })
  return matches.sort((a, b) => vagueness(a) - vagueness(b))[0]
}

const vagueness = ({ route, parameters }: Match) =>
  route.routeKey === '$default' ? Number.POSITIVE_INFINITY : Object.keys(parameters).length
