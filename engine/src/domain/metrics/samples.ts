import type { MetricReport } from '@rollcall/protocol/metrics'
import { INTERFACE_WIDTH } from '@rollcall/protocol/metrics'
import type { Clock } from '../../kernel/clock.ts'
import type { ReportedNumbers } from './record.ts'
import { addReport } from './record.ts'
import { History, PIECE_BYTES, PIECE_SLOTS, placeIn, Ring } from './ring.ts'
import { GAUGES_BYTES, Room, sourceBytes } from './room.ts'
import { InstanceSource, VersionSource } from './sources.ts'
import type { MetricLimits, Tenant } from './types.ts'

/** How reports and journal entries name who they are about. */
type NamedVersion = Pick<MetricReport, 'environment' | 'appId' | 'name' | 'version'>
type Named = NamedVersion & Pick<MetricReport, 'instance' | 'instanceId' | 'serviceId'>

interface Slots {
  readonly fine: number
  readonly coarse: number
}

/** Intervals without a report after which an instance counts as silent. */
const SILENT_INTERVALS = 3

/** Least time between two attempts to make room: looking for what can go costs more than a report. */
const MAKE_ROOM_PAUSE_MS = 1000

const HOUR_MS = 3_600_000

/**
 * All samples in memory. What an instance reports goes into the ring of each of its interfaces (fine), into the history
 * of the instance, and into the history of the interface over all instances of the version (coarse). Together they take
 * no more than `maxMegabytes`: for what is new, the rings of silent instances go first, then the oldest hour of all
 * histories; when nothing can go, what is new is not kept, and counted.
 */
export class Samples {
  readonly limits: MetricLimits
  readonly room: Room
  readonly #clock: Clock
  readonly #ringSlots: number
  readonly #tenants = new Map<Tenant, Map<string, VersionSource>>()
  readonly #startedAt: number
  #madeRoomAt = Number.NEGATIVE_INFINITY
  #lost = 0

  constructor(clock: Clock, limits: MetricLimits) {
    this.#clock = clock
    this.#startedAt = clock.now()
    this.limits = limits
    this.room = new Room(limits.maxMegabytes)
    // One more than the retention, because the newest slot is still being filled.
    this.#ringSlots = Math.ceil(limits.fineRetentionSeconds / limits.fineSeconds) + 1
  }

  /** Samples that were not kept for want of room. */
  get lost(): number {
    return this.#lost
  }

  now(): number {
    return this.#clock.now()
  }

  /** The fine slot of a time. */
  fineSlot(ms: number): number {
    return Math.floor(ms / (this.limits.fineSeconds * 1000))
  }

  /** The coarse slot of a time. */
  coarseSlot(ms: number): number {
    return Math.floor(ms / (this.limits.coarseSeconds * 1000))
  }

  /** The versions of a tenant that have reported. */
  versions(tenant: Tenant): Iterable<VersionSource> {
    return this.#tenants.get(tenant)?.values() ?? []
  }

  /** Who has reported anything. */
  tenants(): Tenant[] {
    return [...this.#tenants.keys()]
  }

  /** The versions of all tenants. */
  *allVersions(): Iterable<VersionSource> {
    for (const versions of this.#tenants.values()) yield* versions.values()
  }

  isSilent(instance: InstanceSource): boolean {
    // While the engine was away nobody could report.
    const since = Math.max(instance.lastAt, this.#startedAt)
    return this.#clock.now() - since > SILENT_INTERVALS * this.limits.fineSeconds * 1000
  }

  /** Takes a report. */
  add(tenant: Tenant, report: MetricReport): void {
    const { interfaceNames, numbers, timestamp } = report
    const now = this.#clock.now()
    const takenAt = this.#isPlausible(timestamp, now) ? timestamp : now
    const instance = this.instance(tenant, report)
    if (instance === undefined) {
      this.#lost += Math.max(interfaceNames.length, 1)
      return
    }
    const slots = { fine: this.fineSlot(takenAt), coarse: this.coarseSlot(takenAt) }
    instance.lastAt = now
    instance.gauges = report.gauges
    instance.changedFine.add(slots.fine)
    instance.changedCoarse.add(slots.coarse)
    instance.version.changedCoarse.add(slots.coarse)
    const reported = { numbers, from: 0, ...slots }
    for (const name of interfaceNames) {
      if (!this.#addInterface(instance, name, reported)) this.#lost++
      reported.from += INTERFACE_WIDTH
    }
  }

  #addInterface(instance: InstanceSource, name: string, reported: ReportedNumbers & Slots): boolean {
    const { version } = instance
    const { numbers, from, fine, coarse } = reported
    version.calls += numbers[from + 1] as number
    version.failures += numbers[from + 2] as number
    const ring = this.ring(instance, name, fine)
    const at = ring?.open(fine) ?? -1
    if (ring === undefined || at < 0) return false
    addReport(ring.data, at, reported)
    this.#addToHistory(this.history(version, name, coarse), reported)
    this.#addToHistory(instance.history, reported)
    return true
  }

  #addToHistory(history: History | undefined, reported: ReportedNumbers & Slots): void {
    const piece = history === undefined ? undefined : this.piece(history, reported.coarse)
    if (piece !== undefined) addReport(piece, placeIn(reported.coarse), reported)
  }

  /** Whether the time that a client gives is one that fine samples are kept of. */
  #isPlausible(timestamp: number, now: number): boolean {
    const { fineRetentionSeconds, fineSeconds } = this.limits
    return timestamp > now - fineRetentionSeconds * 1000 && timestamp < now + fineSeconds * 1000
  }

  /** The instance that is named, made when it is new; undefined when there is no room for it. */
  instance(tenant: Tenant, named: Named): InstanceSource | undefined {
    const version = this.version(tenant, named)
    const key = named.instanceId || named.instance
    const known = version?.instances.get(key)
    if (known !== undefined || version === undefined) return known
    if (!this.#keep(sourceBytes(key, GAUGES_BYTES))) return undefined
    const { instance, serviceId } = named
    const source = new InstanceSource(version, { ...version.id, instanceId: key, instance, serviceId })
    version.instances.set(key, source)
    return source
  }

  /** The version that is named, made when it is new; undefined when there is no room for it. */
  version(tenant: Tenant, { environment, appId, name, version }: NamedVersion): VersionSource | undefined {
    const key = `${environment}\n${appId}\n${name}\n${version}`
    const known = this.#tenants.get(tenant)?.get(key)
    if (known !== undefined || !this.#keep(sourceBytes(key, 0))) return known
    const versions = this.#tenants.get(tenant) ?? new Map<string, VersionSource>()
    this.#tenants.set(tenant, versions)
    const source = new VersionSource(tenant, { environment, appId, serviceName: name, version })
    versions.set(key, source)
    return source
  }

  /** The ring of an interface, made when it is new; undefined when there is no room for it. */
  ring({ rings }: InstanceSource, name: string, slot: number): Ring | undefined {
    const known = rings.get(name)
    if (known !== undefined) return known
    if (rings.size >= this.limits.interfacesPerInstance && !this.#dropOldestRing(rings, slot)) return undefined
    if (!this.#keep(sourceBytes(name, Ring.bytes(this.#ringSlots)))) return undefined
    const ring = new Ring(this.#ringSlots)
    rings.set(name, ring)
    return ring
  }

  /** The history of an interface, made when it is new; undefined when there is no room for it. */
  history({ histories }: VersionSource, name: string, slot: number): History | undefined {
    const known = histories.get(name)
    if (known !== undefined) return known
    // A history that grew within its newest piece is not thrown out for another one.
    const isFull = histories.size >= this.limits.interfacesPerInstance
    if (isFull && !this.#dropOldestHistory(histories, slot - (slot % PIECE_SLOTS))) return undefined
    if (!this.#keep(sourceBytes(name, 0))) return undefined
    const history = new History()
    histories.set(name, history)
    return history
  }

  /** The piece of a history for a slot, made when it is new; undefined when there is no room for it. */
  piece(history: History, slot: number): Float32Array | undefined {
    return history.piece(slot) ?? (this.#keep(PIECE_BYTES) ? history.addPiece(slot) : undefined)
  }

  /** Makes place for one more ring in an instance that has its number; false when all were filled just now. */
  #dropOldestRing(rings: Map<string, Ring>, slot: number): boolean {
    let oldest = { name: '', last: slot }
    for (const [name, { last }] of rings) if (last < oldest.last) oldest = { name, last }
    return this.#forgetRing(rings, oldest.name)
  }

  #dropOldestHistory(histories: Map<string, History>, slot: number): boolean {
    let oldest = { name: '', newest: slot }
    for (const [name, { newest }] of histories) if (newest < oldest.newest) oldest = { name, newest }
    return this.#forgetHistory(histories, oldest.name)
  }

  #forgetRing(rings: Map<string, Ring>, name: string): boolean {
    const isForgotten = rings.delete(name)
    if (isForgotten) this.room.give(sourceBytes(name, Ring.bytes(this.#ringSlots)))
    return isForgotten
  }

  #forgetHistory(histories: Map<string, History>, name: string): boolean {
    const pieces = histories.get(name)?.pieces ?? 0
    const isForgotten = histories.delete(name)
    if (isForgotten) this.room.give(sourceBytes(name, pieces * PIECE_BYTES))
    return isForgotten
  }

  /** Takes room, made by throwing out what is worth least. */
  #keep(bytes: number): boolean {
    if (!this.room.fits(bytes) && !this.#makeRoom(bytes)) return false
    this.room.take(bytes)
    return true
  }

  #makeRoom(bytes: number): boolean {
    const now = this.#clock.monotonic()
    if (now - this.#madeRoomAt < MAKE_ROOM_PAUSE_MS) return false
    this.#madeRoomAt = now
    for (const version of this.allVersions()) {
      for (const instance of version.instances.values()) {
        if (this.isSilent(instance)) this.#forgetRingsBefore(instance.rings, Number.POSITIVE_INFINITY)
      }
    }
    const newestToGo = this.coarseSlot(this.#clock.now()) - PIECE_SLOTS
    for (let oldest = this.#oldestSlot(); !this.room.fits(bytes); oldest = this.#oldestSlot()) {
      if (oldest > newestToGo) return false
      this.#dropHistoryBefore(oldest + PIECE_SLOTS)
    }
    return true
  }

  #oldestSlot(): number {
    let oldest = Number.POSITIVE_INFINITY
    for (const history of this.#allHistories()) oldest = Math.min(oldest, history.oldest)
    return oldest
  }

  *#allHistories(): Iterable<History> {
    for (const version of this.allVersions()) {
      yield* version.histories.values()
      for (const { history } of version.instances.values()) yield history
    }
  }

  #dropHistoryBefore(slot: number): void {
    for (const history of this.#allHistories()) this.room.give(history.dropBefore(slot) * PIECE_BYTES)
  }

  #forgetRingsBefore(rings: Map<string, Ring>, slot: number): void {
    for (const [name, { last }] of rings) if (last < slot) this.#forgetRing(rings, name)
  }

  /** Forgets what is older than it is kept for, and who has not reported for so long. */
  sweep(): void {
    const now = this.#clock.now()
    const { coarseRetentionHours } = this.limits
    this.#dropHistoryBefore(this.coarseSlot(now - coarseRetentionHours * HOUR_MS))
    const fineFrom = this.fineSlot(now) - this.#ringSlots
    for (const [tenant, versions] of this.#tenants) {
      for (const [key, version] of versions) {
        this.#sweepVersion(version, { fineFrom, silentSince: now - coarseRetentionHours * HOUR_MS })
        if (version.instances.size > 0 || version.histories.size > 0) continue
        versions.delete(key)
        this.room.give(sourceBytes(key, 0))
      }
      if (versions.size === 0) this.#tenants.delete(tenant)
    }
  }

  #sweepVersion(
    { instances, histories }: VersionSource,
    { fineFrom, silentSince }: { readonly fineFrom: number; readonly silentSince: number },
  ): void {
    for (const [name, { pieces }] of histories) if (pieces === 0) this.#forgetHistory(histories, name)
    for (const [key, instance] of instances) {
      this.#forgetRingsBefore(instance.rings, fineFrom)
      if (instance.lastAt >= silentSince || instance.history.pieces > 0) continue
      instances.delete(key)
      this.room.give(sourceBytes(key, GAUGES_BYTES))
    }
  }
}
