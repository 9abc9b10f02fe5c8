import type { Setting } from '../parts.ts'
import { h } from './dom.ts'
import { STORIES } from './stories.ts'
import { t } from './texts.ts'

/** Where the first order will be seen. */
export function welcome({ mode }: Setting) {
  return h(
    'div',
    { class: 'welcome' },
    h('h2', { id: 'order-heading' }, t('welcome')),
    h('p', { class: 'quiet' }, t(mode === 'stack' ? 'welcomeHelp' : 'welcomeSandbox')),
    mode === 'stack' && storyButtons(),
  )
}

export const storyButtons = () =>
  h(
    'div',
    { class: 'buttons' },
    Object.entries(STORIES).map(([story, { title }]) => h('button', { type: 'button', 'data-story': story }, t(title))),
  )
