import type { KnownService } from './types.ts'
import { compareVersions, newestFirst, numbersOf } from './versions.ts'

/**
 * The versions that a rule of Service Center 1 names: one (`1.0`), at least (`1.0+`), from one up to but without another
 * (`1.0-2.0`, in either order), the newest (`latest`), or all of them (empty). Missing parts of a version are 0.
 *
 * The newest is the newest that finds show instances of: a version that is known before its first instance has started takes
 * nobody's provider away.
 */
export function matchingVersions(versions: readonly KnownService[], rule: string): readonly KnownService[] {
  if (rule === '') return versions
  if (rule === 'latest') return latestOf(versions)
  const [from, to] = boundsOf(rule)
  return versions.filter(({ record }) => {
    const version = numbersOf(record.version)
    if (compareVersions(version, from) < 0) return false
    if (to === 'open') return true
    return to === undefined ? compareVersions(version, from) === 0 : compareVersions(version, to) < 0
  })
}

type Numbers = readonly number[]

/** Where a rule begins and ends; undefined: it is one version. */
function boundsOf(rule: string): [from: Numbers, to: Numbers | 'open' | undefined] {
  if (rule.endsWith('+')) return [numbersOf(rule.slice(0, -1)), 'open']
  const [one = '', other] = rule.split('-')
  if (other === undefined) return [numbersOf(one), undefined]
  const ends: [Numbers, Numbers] = [numbersOf(one), numbersOf(other)]
  return compareVersions(...ends) > 0 ? [ends[1], ends[0]] : ends
}

function latestOf(versions: readonly KnownService[]): readonly KnownService[] {
  const ordered = newestFirst(versions)
  const latest = ordered.find(hasShown) ?? ordered[0]
  return latest === undefined ? [] : [latest]
}

function hasShown({ instances }: KnownService): boolean {
  for (const { drainingUntil } of instances.values()) if (drainingUntil === undefined) return true
  return false
}
