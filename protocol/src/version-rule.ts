/**
 * Keeps what a version rule allows: exact `1.0.0`, at least `1.0+`, from one up to but without another `1.0-2.0` (in
 * either order), `latest`, or empty for all. Versions compare number by number; missing numbers count as 0.
 */
export function matchesVersion<Item extends { readonly version: string }>(
  items: readonly Item[],
  rule: string,
): readonly Item[] {
  if (rule === '' || rule === '0+' || rule === '0.0.0+') return items
  if (rule === 'latest') return latest(items)
  if (rule.endsWith('+')) return items.filter(({ version }) => compareVersions(version, rule.slice(0, -1)) >= 0)
  const [one = '', other] = rule.split('-')
  if (other === undefined) return items.filter(({ version }) => compareVersions(version, one) === 0)
  const [from, to] = compareVersions(one, other) > 0 ? [other, one] : [one, other]
  return items.filter(({ version }) => compareVersions(version, from) >= 0 && compareVersions(version, to) < 0)
}

function latest<Item extends { readonly version: string }>(items: readonly Item[]): readonly Item[] {
  let newest = ''
  for (const { version } of items) if (compareVersions(version, newest) > 0) newest = version
  return items.filter(({ version }) => compareVersions(version, newest) === 0)
}

const PARTS = 4

/** Below 0: the first is older. */
export function compareVersions(one: string, other: string): number {
  const left = one.split('.')
  const right = other.split('.')
  for (let part = 0; part < PARTS; part++) {
    const difference = Number(left[part] ?? 0) - Number(right[part] ?? 0)
    if (difference !== 0) return difference
  }
  return 0
}
