import type { KnownService } from './types.ts'

/** Versions like `1.10.0` ordered by their numbers, newest first; missing parts are 0, and of equals the longest is first. */
export function newestFirst(services: Iterable<KnownService>): KnownService[] {
  const marked = [...services].map((service) => ({ service, numbers: numbersOf(service.record.version) }))
  const lengthOf = ({ service }: (typeof marked)[number]) => service.record.version?.length ?? 0
  marked.sort((one, other) => compare(other.numbers, one.numbers) || lengthOf(other) - lengthOf(one))
  return marked.map(({ service }) => service)
}

function compare(one: readonly number[], other: readonly number[]): number {
  for (let part = 0; part < Math.max(one.length, other.length); part++) {
    const difference = (one[part] ?? 0) - (other[part] ?? 0)
    if (difference !== 0) return difference
  }
  return 0
}

function numbersOf(version = ''): number[] {
  return version.split('.').map(Number)
}
