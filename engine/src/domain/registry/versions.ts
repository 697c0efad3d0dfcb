import { compareVersions } from '@rollcall/protocol/version-rule'
import type { KnownService } from './types.ts'

/** Versions like `1.10.0` ordered by their numbers, newest first; missing parts are 0, and of equals the longest is first. */
export function newestFirst(services: Iterable<KnownService>): KnownService[] {
  const versioned = [...services].map((service) => ({ service, version: service.record.version ?? '' }))
  versioned.sort(
    (one, other) => compareVersions(other.version, one.version) || other.version.length - one.version.length,
  )
  return versioned.map(({ service }) => service)
}
