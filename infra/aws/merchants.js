// Where the functions find the merchants' secrets: those that `params.merchants` names are read at cold start, every other
// merchant's secret has its mchid as its name. No secret stands in the template: `npm run secret` makes one in seconds.

const LONGEST = 4096 // bytes that Lambda gives to all variables of a function together

/** MERCHANT_SECRETS. @throws Error that names the parameter */
export async function secrets({ resolveVariable }) {
  const prefix = `${await resolveVariable('self:custom.name')}/merchants`
  const names = String(await resolveVariable('param:merchants'))
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '')
  const odd = names.find((name) => !/^[0-9A-Za-z]+$/.test(name))
  if (odd !== undefined) throw new Error(`params.merchants: a name is letters and digits only, not '${odd}'`)
  const value = [...new Set(names), '*'].map((name) => `${prefix}/${name}`).join(',')
  if (value.length > LONGEST / 2) {
    throw new Error('params.merchants: too many names. Leave them out: each is read when its first order comes')
  }
  return value
}
