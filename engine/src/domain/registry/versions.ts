import type { KnownService } from './types.ts'

/** Versions like `1.10.0` ordered by their numbers, newest first; missing parts are 0, and of equals the longest is first. */
export function newestFirst(services: Iterable<KnownService>): KnownService[] {
  const marked = [...services].map((service) => ({ service, numbers: numbersOf(service.record.version) }))
  const lengthOf = ({ service }: (typeof marked)[number]) => service.record.version?.length ?? 0
  marked.sort((one, other) => compareVersions(other.numbers, one.numbers) || lengthOf(other) - lengthOf(one))
  return marked.map(({ service }) => service)
}

/** Negative: the first is older. Missing parts are 0. */
export function compareVersions(one: readonly number[], other: readonly number[]): number {
  for (let part = 0; part < Math.max(one.length, other.length); part++) {
    const difference = (one[part] ?? 0) - (other[part] ?? 0)
    if (difference !== 0) return difference
  }
  return 0
}

/** The parts of a version. */
export function numbersOf(version = ''): number[] {
  return version.split('.').map(Number)
}
