/** Who had the focus when it could not be had any more. */
let parked: HTMLElement | null = null

/**
 * Changes the page under somebody's hands. The focus stays where it is, even when its element moves; when the element goes, the
 * room it stood in has the focus; when it is switched off, it has the focus again later.
 */
export function keepFocus(change: () => void) {
  const had = document.activeElement
  const room = had?.closest<HTMLElement>('[data-room]')?.id
  change()
  if (!(had instanceof HTMLElement) || had === document.body) return giveBack()
  if (!had.isConnected) document.getElementById(room ?? 'order')?.focus({ preventScroll: true })
  else if (had.matches(':disabled')) parked = had
  else if (document.activeElement !== had) had.focus({ preventScroll: true })
}

function giveBack() {
  if (!parked?.isConnected || parked.matches(':disabled')) return
  parked.focus({ preventScroll: true })
  parked = null
}
