type Child = Node | string | number | null | undefined | false | readonly Child[]

/** An element. `key` names it among its siblings, so that it stays the same one when they change around it. */
export function h(
  tag: string,
  attributes: Record<string, string | number | boolean | undefined> = {},
  ...children: Child[]
) {
  const element = document.createElement(tag)
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined || value === false) continue
    element.setAttribute(name === 'key' ? 'data-key' : name, value === true ? '' : String(value))
  }
  append(element, children)
  return element
}

/** Fields of a form that nobody fills in. */
export const hidden = (fields: Record<string, string>) =>
  Object.entries(fields).map(([name, value]) => h('input', { type: 'hidden', name, value }))

function append(parent: Element, children: readonly Child[]) {
  for (const child of children) {
    if (child === null || child === undefined || child === false || child === '') continue
    if (Array.isArray(child)) append(parent, child)
    else parent.append(child instanceof Node ? child : String(child))
  }
}

/**
 * Makes `old` look like `wanted` by the fewest changes: what somebody has typed, opened or focused stays as it is.
 * The whole page is drawn anew on every change, and this is what makes that harmless.
 */
export function morph(old: Element, wanted: Element) {
  const isTheirs = (name: string) => name === 'aria-busy' || (name === 'open' && old.tagName === 'DETAILS')
  for (const { name } of [...old.attributes]) {
    if (!wanted.hasAttribute(name) && !isTheirs(name)) old.removeAttribute(name)
  }
  for (const { name, value } of wanted.attributes) {
    if (old.getAttribute(name) !== value && !isTheirs(name)) old.setAttribute(name, value)
  }
  const keyed = new Map<string, Element>()
  for (const child of old.children) {
    const key = child.getAttribute('data-key')
    if (key !== null) keyed.set(key, child)
  }
  let next = old.firstChild
  for (const child of [...wanted.childNodes]) {
    const match = matchFor(child, next, keyed)
    if (match === null) {
      old.insertBefore(child, next)
      continue
    }
    if (match === next) next = next.nextSibling
    else old.insertBefore(match, next)
    if (match instanceof Element) morph(match, child as Element)
    else if (match.nodeValue !== child.nodeValue) match.nodeValue = child.nodeValue
  }
  while (next) {
    const after: ChildNode | null = next.nextSibling
    next.remove()
    next = after
  }
}

/** The node of before that a wanted one is: of the same key, or else the one that stands in its place. */
function matchFor(child: Node, inPlace: ChildNode | null, keyed: Map<string, Element>): ChildNode | null {
  const key = child instanceof Element ? child.getAttribute('data-key') : null
  if (key !== null) {
    const match = keyed.get(key)
    return match?.tagName === (child as Element).tagName ? match : null
  }
  const isSame =
    inPlace?.nodeName === child.nodeName && !(inPlace instanceof Element && inPlace.hasAttribute('data-key'))
  return isSame ? inPlace : null
}
