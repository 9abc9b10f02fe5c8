import type { OrderPart, PartKey } from '../parts.ts'
import { h } from './dom.ts'
import { orders, selectedOrder, state } from './state.ts'
import { t } from './texts.ts'
import { pill, saidName, toneOf, yuan } from './wording.ts'

/** All orders, newest first; one of them is looked at. */
export function orderList() {
  const all = orders()
  if (all.length === 0) {
    return h('div', { class: 'empty' }, h('strong', {}, t('ordersNone')), h('p', {}, t('ordersNoneHelp')))
  }
  const selected = selectedOrder()?.[0]
  const left = (state.parts.orderCount ?? 0) - all.length
  return [
    h(
      'ul',
      { class: 'order-list', 'aria-labelledby': 'orders-heading' },
      all.map(([key, order]) => h('li', { key }, orderButton(key, order, key === selected))),
    ),
    left > 0 && h('p', { class: 'quiet' }, t('ordersLeft', { count: left })),
  ]
}

function orderButton(key: PartKey, { out_trade_no, ledger, service, agrees }: OrderPart, isSelected: boolean) {
  return h(
    'button',
    {
      type: 'button',
      class: 'order',
      'data-select': key,
      'aria-current': isSelected ? 'true' : undefined,
      tabindex: isSelected ? 0 : -1,
    },
    h('span', { class: 'number' }, out_trade_no),
    h('span', { class: 'money' }, ledger ? yuan(ledger.total) : ''),
    h(
      'span',
      { class: 'said' },
      pill(ledger?.trade_state ?? t('ledgerNone'), ledger ? toneOf(ledger.trade_state) : 'plain'),
      service && [
        h('span', { class: 'arrow', 'aria-hidden': 'true' }, '→'),
        pill(saidName(service), toneOf(saidName(service))),
      ],
    ),
    agrees !== null &&
      h(
        'span',
        { class: agrees ? 'agrees' : 'disagrees' },
        `${agrees ? '✓' : '✗'} ${t(agrees ? 'agreeShort' : 'disagreeShort')}`,
      ),
  )
}
