import { matchesVersion } from '@rollcall/protocol/version-rule'
import type { KnownService } from './types.ts'

/**
 * The versions of a service that a rule names; empty: all. The latest is the newest that finds show instances of: a version
 * that is known before its first instance has started takes nobody's provider away.
 */
export function matchingVersions(services: readonly KnownService[], rule: string): readonly KnownService[] {
  if (rule === '') return services
  const shown = rule === 'latest' ? services.filter(hasShown) : []
  const asked = shown.length > 0 ? shown : services
  const named = asked.map((service) => ({ service, version: service.record.version ?? '' }))
  return matchesVersion(named, rule).map(({ service }) => service)
}

function hasShown({ instances }: KnownService): boolean {
  for (const { drainingUntil } of instances.values()) if (drainingUntil === undefined) return true
  return false
}
