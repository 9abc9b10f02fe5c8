// The saved queries of the template, as the runbook lists them.
import type { Template } from '../../infra/local/cloudformation.ts'
import { RESOURCES } from './deployed-reasons.ts'

/** Each saved query by its name, and what it shows. @throws Error that names one nobody described */
export function renderQueries(template: Template, head = ['query', 'shows'], words = RESOURCES): string {
  const rows = Object.entries(template.Resources)
    .filter(([, { Type }]) => Type === 'AWS::Logs::QueryDefinition')
    .map(([id, { Properties }]) => {
      const shows = words[id]
      if (!shows) throw new Error(`nobody says what the query ${id} shows`)
      return [`\`${Properties.Name.split('/').at(-1)}\``, shows]
    })
  return [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n')
}
