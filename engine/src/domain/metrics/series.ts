import { fail } from '../../kernel/failure.ts'
import { METRIC_POINTS_PER_QUERY_MAX, METRIC_RECORDS_PER_QUERY_MAX } from '../../kernel/limits.ts'
import { addRecord, newSum, numbersOf, totalOf } from './record.ts'
import type { History } from './ring.ts'
import { placeIn } from './ring.ts'
import type { Samples } from './samples.ts'
import { groupKey, groupName, meansFunction, selectInstances, selectVersions } from './select.ts'
import type { GroupName, MetricFailure, MetricNumbers, SeriesAnswer, SeriesQuery, Tenant } from './types.ts'

/** Looks up the record of a slot and adds it. @returns whether there was one */
type Source = (slot: number, sum: Float64Array) => boolean

interface Group {
  readonly name: GroupName
  readonly sources: Source[]
}

/** Reads samples over time. @throws InvalidParameters for what would be too much or is not kept */
export function readSeries(samples: Samples, tenant: Tenant, query: SeriesQuery): SeriesAnswer {
  const { fineSeconds, fineRetentionSeconds, coarseSeconds } = samples.limits
  const isFine =
    query.stepSeconds < coarseSeconds && query.from >= samples.now() - (fineRetentionSeconds + fineSeconds) * 1000
  const slotSeconds = isFine ? fineSeconds : coarseSeconds
  const slotsPerPoint = Math.max(Math.ceil(query.stepSeconds / slotSeconds), 1)
  const pointMs = slotsPerPoint * slotSeconds * 1000
  const times: number[] = []
  if (query.to - query.from > METRIC_POINTS_PER_QUERY_MAX * pointMs) {
    refuse(`from, to: more than ${METRIC_POINTS_PER_QUERY_MAX} points of ${pointMs / 1000} s lie between them`)
  }
  for (let time = Math.floor(query.from / pointMs) * pointMs; time <= query.to; time += pointMs) times.push(time)
  const groups = isFine ? fineGroups(samples, tenant, query) : coarseGroups(samples, tenant, query)
  const sources = groups.reduce((count, group) => count + group.sources.length, 0)
  if (sources * times.length * slotsPerPoint > METRIC_RECORDS_PER_QUERY_MAX) {
    refuse(`service: ${sources} sources with ${times.length * slotsPerPoint} samples each are too many; narrow it`)
  }
  const now = samples.now()
  const points = ({ sources: of }: Group) =>
    times.map((time) => {
      const first = Math.round(time / (slotSeconds * 1000))
      const seconds = Math.min(pointMs, Math.max(now - time, fineSeconds * 1000)) / 1000
      return readPoint(of, { first, slots: slotsPerPoint, seconds: isFine ? undefined : seconds })
    })
  const series = groups.map((group) => ({ name: group.name, points: points(group) }))
  return { resolution: isFine ? 'fine' : 'coarse', stepSeconds: pointMs / 1000, times, series }
}

/**
 * One point of one group. Calls per second are the mean of what was reported in the slots that have samples (fine), or
 * all calls divided by the time they took (coarse, where `seconds` is given).
 */
function readPoint(
  sources: readonly Source[],
  span: { readonly first: number; readonly slots: number; readonly seconds: number | undefined },
): MetricNumbers | undefined {
  const sum = newSum()
  let filled = 0
  for (let slot = span.first; slot < span.first + span.slots; slot++) {
    let isFilled = false
    for (const add of sources) if (add(slot, sum)) isFilled = true
    if (isFilled) filled++
  }
  if (filled === 0) return undefined
  const plain = numbersOf(sum)
  return numbersOf(sum, span.seconds === undefined ? plain.qps / filled : totalOf(sum) / span.seconds)
}

function fineGroups(samples: Samples, tenant: Tenant, { selection, level }: SeriesQuery): Group[] {
  const groups = new Groups()
  for (const version of selectVersions(samples, tenant, selection)) {
    for (const { id, rings } of selectInstances(version, selection)) {
      for (const [functionName, ring] of rings) {
        if (!meansFunction(selection, functionName)) continue
        groups.add(groupName(level, { id, functionName }), (slot, sum) => {
          const at = ring.find(slot)
          if (at >= 0) addRecord(sum, ring.data, at)
          return at >= 0
        })
      }
    }
  }
  return groups.all()
}

/** Coarse samples are kept of instances and of the interfaces of a version, not of the interfaces of an instance. */
function coarseGroups(samples: Samples, tenant: Tenant, { selection, level }: SeriesQuery): Group[] {
  const isOfInstances = level === 'instance' || selection.instance !== undefined
  const isOfInterfaces = level === 'interface' || selection.function !== undefined
  if (isOfInstances && isOfInterfaces) refuse('function: an interface of one instance is kept at fine resolution only')
  const groups = new Groups()
  for (const version of selectVersions(samples, tenant, selection)) {
    if (isOfInterfaces) {
      for (const [functionName, history] of version.histories) {
        if (meansFunction(selection, functionName))
          groups.add(groupName(level, { id: version.id, functionName }), from(history))
      }
    } else {
      for (const { id, history } of selectInstances(version, selection))
        groups.add(groupName(level, { id }), from(history))
    }
  }
  return groups.all()
}

function from(history: History): Source {
  return (slot, sum) => {
    const piece = history.find(slot)
    if (piece !== undefined) addRecord(sum, piece, placeIn(slot))
    return piece !== undefined
  }
}

class Groups {
  readonly #groups = new Map<string, Group>()

  add(name: GroupName, source: Source): void {
    const key = groupKey(name)
    const group = this.#groups.get(key) ?? { name, sources: [] }
    this.#groups.set(key, group)
    group.sources.push(source)
  }

  all(): Group[] {
    return [...this.#groups.values()]
  }
}

function refuse(detail: string): never {
  return fail<MetricFailure>('InvalidParameters', detail)
}
