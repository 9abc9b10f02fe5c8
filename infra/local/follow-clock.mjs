// Loaded before everything else in a process that is to live by a shared clock without knowing it (`node --import`): `Date`
// is as far ahead as the file named in this module's own address says, at every look. What was asked for a time stays as it is.
// Plain JavaScript, because stripping types would add to every cold start.
import { openSync, readSync } from 'node:fs'

const ahead = new Float64Array(1)
const bytes = new Uint8Array(ahead.buffer)
const file = openSync(new URL(import.meta.url).searchParams.get('file'), 'r')

const Machine = globalThis.Date
const machineNow = Machine.now

function now() {
  readSync(file, bytes, 0, bytes.length, 0)
  return machineNow() + ahead[0]
}

Machine.now = now
globalThis.Date = new Proxy(Machine, {
  construct: (target, given, made) => Reflect.construct(target, given.length === 0 ? [now()] : given, made),
  apply: () => new Machine(now()).toString(),
})
Machine.prototype.constructor = globalThis.Date
