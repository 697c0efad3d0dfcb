import { addRecord, newSum, numbersOf } from './record.ts'
import type { Ring } from './ring.ts'
import type { Samples } from './samples.ts'
import { groupKey, groupName, meansFunction, selectInstances, selectVersions } from './select.ts'
import type { InstanceSource } from './sources.ts'
import type { CurrentGroup, CurrentQuery, GroupName, Level, Selection } from './types.ts'

/** How many slots back the newest sample of a living instance's interface may lie. */
const FRESH_SLOTS = 3

/** What one group is made of while it is put together. */
interface Gathering {
  readonly name: GroupName
  /** Of instances that report, and of those that are silent. */
  readonly alive: Float64Array
  readonly silent: Float64Array
  readonly instances: Set<InstanceSource>
  readonly interfaces: Set<string>
  silentInstances: number
  time: number
}

/**
 * The current numbers of each group, from the newest sample of each interface. Silent instances do not count as long as
 * another one of the group reports; when all are silent, the group shows what was last known and says so.
 */
export function currentGroups(samples: Samples, asked: CurrentQuery): CurrentGroup[] {
  const work = gatherGroups(samples, asked)
  let step = work.next()
  while (step.done !== true) step = work.next()
  return step.value
}

/** The same in small steps, between which reports may come: what of them belongs to a later slot is not looked at. */
export function* gatherGroups(samples: Samples, asked: CurrentQuery): Generator<undefined, CurrentGroup[]> {
  const { tenant, selection, level, asOf } = asked
  const newest = asOf ?? samples.fineSlot(samples.now())
  const groups = new Map<string, Gathering>()
  for (const version of selectVersions(samples, tenant, selection)) {
    // The instances of a version share the groups of its interfaces: their names are put together once.
    const byFunction = new Map<string, Gathering>()
    for (const instance of selectInstances(version, selection)) {
      const span = spanOf(asOf === undefined && samples.isSilent(instance), newest)
      if (level === 'interface') gatherInterfaces({ instance, selection, span, groups, byFunction })
      else {
        const group = groupOf(groups, groupName(level, instance))
        gatherInstance({ instance, selection, span, group, isNow: asOf === undefined })
      }
      yield
    }
  }
  const finished: CurrentGroup[] = []
  for (const group of groups.values()) {
    if (group.instances.size > 0) finished.push(finish(group, level))
    yield
  }
  return finished
}

interface Gathered {
  readonly instance: InstanceSource
  readonly selection: Selection
  readonly span: Span
}

interface GatheredInterfaces extends Gathered {
  readonly groups: Map<string, Gathering>
  readonly byFunction: Map<string, Gathering>
}

function gatherInterfaces(gathered: GatheredInterfaces): void {
  const { instance, selection, span, groups, byFunction } = gathered
  for (const [functionName, ring] of instance.rings) {
    if (!meansFunction(selection, functionName)) continue
    let group = byFunction.get(functionName)
    if (group === undefined) {
      group = groupOf(groups, groupName('interface', { id: instance.id, functionName }))
      byFunction.set(functionName, group)
    }
    if (addNewest(group, [functionName, ring], span)) count(group, instance, span)
  }
}

interface GatheredInstance extends Gathered {
  readonly group: Gathering
  readonly isNow: boolean
}

function gatherInstance({ instance, selection, span, group, isNow }: GatheredInstance): void {
  let isPart = selection.function === undefined && isNow
  for (const named of instance.rings) {
    if (meansFunction(selection, named[0]) && addNewest(group, named, span)) isPart = true
  }
  if (isPart && !(instance.rings.size === 0 && span.isSilent)) count(group, instance, span)
}

/** From when to when an instance's newest samples are looked for, slots. */
interface Span {
  readonly isSilent: boolean
  readonly newest: number
  readonly oldest: number
}

function spanOf(isSilent: boolean, newest: number): Span {
  return { isSilent, newest, oldest: isSilent ? 0 : newest - FRESH_SLOTS }
}

/** @returns whether there is a sample of the interface in this span */
function addNewest(group: Gathering, [name, ring]: readonly [string, Ring], span: Span): boolean {
  const at = ring.newest(Math.min(ring.last, span.newest), span.oldest)
  if (at < 0) return false
  addRecord(span.isSilent ? group.silent : group.alive, ring.data, at)
  group.interfaces.add(name)
  return true
}

function count(group: Gathering, instance: InstanceSource, { isSilent }: Span): void {
  group.instances.add(instance)
  group.silentInstances += isSilent ? 1 : 0
  group.time = Math.max(group.time, instance.lastAt)
}

function groupOf(groups: Map<string, Gathering>, name: GroupName): Gathering {
  const key = groupKey(name)
  const known = groups.get(key)
  if (known !== undefined) return known
  const group = {
    name,
    alive: newSum(),
    silent: newSum(),
    instances: new Set<InstanceSource>(),
    interfaces: new Set<string>(),
    silentInstances: 0,
    time: 0,
  }
  groups.set(key, group)
  return group
}

function finish(group: Gathering, level: Level): CurrentGroup {
  const { name, instances, silentInstances, interfaces, time } = group
  const isSilent = silentInstances === instances.size
  const [only] = instances
  return {
    name,
    numbers: numbersOf(isSilent ? group.silent : group.alive),
    time,
    instances: instances.size,
    silentInstances,
    isSilent,
    interfaces: interfaces.size,
    ...(level === 'instance' && only !== undefined ? { gauges: only.gauges } : {}),
  }
}
