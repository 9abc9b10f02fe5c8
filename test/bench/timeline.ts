/** What happens later, in the order in which it happens: a binary heap of times, each with what it is about. */
export function createTimeline() {
  const times: number[] = []
  const whats: number[] = []

  function swap(a: number, b: number) {
    ;[times[a], times[b]] = [times[b]!, times[a]!]
    ;[whats[a], whats[b]] = [whats[b]!, whats[a]!]
  }

  return {
    get isEmpty() {
      return times.length === 0
    },

    add(time: number, what: number) {
      let at = times.push(time) - 1
      whats.push(what)
      for (let parent = (at - 1) >> 1; at > 0 && times[parent]! > time; at = parent, parent = (at - 1) >> 1) {
        swap(at, parent)
      }
    },

    next(): { time: number; what: number } {
      const first = { time: times[0]!, what: whats[0]! }
      swap(0, times.length - 1)
      times.pop()
      whats.pop()
      for (let at = 0; ; ) {
        const [left, right] = [2 * at + 1, 2 * at + 2]
        let least = at
        if (left < times.length && times[left]! < times[least]!) least = left
        if (right < times.length && times[right]! < times[least]!) least = right
        if (least === at) return first
        swap(at, least)
        at = least
      }
    },
  }
}
