import type { Duplex } from 'node:stream'
import type { WatchAction } from '@rollcall/protocol/watch'
import { UNKNOWN_SERVICE_FRAME, watchFrame } from '@rollcall/protocol/watch'
import type { WebSocket } from 'ws'
import type { Dependencies } from '../domain/dependency/index.ts'
import type {
  InstanceEvent,
  InstanceNode,
  KnownService,
  RegistryView,
  ServiceId,
  Tenant,
} from '../domain/registry/index.ts'
import type { Clock } from '../kernel/clock.ts'
import { textFrame } from './frame.ts'
import type { PingTarget, PingWheel } from './ping-wheel.ts'
import type { Viewer } from './viewer.ts'
import { expel } from './viewer.ts'
import type { InstanceFrame } from './watcher.ts'
import { Watcher } from './watcher.ts'

interface Watching {
  readonly watcher: Watcher
  /** Undefined: sees everything, for ever. */
  readonly viewer: Viewer | undefined
  readonly socket: WebSocket
}

/** How much there is to tell. */
export interface WatchLoad {
  /** Open watches by domain. */
  readonly byDomain: ReadonlyMap<string, number>
  /** Watches whose connection does not take what it is told as fast as it comes. */
  readonly slow: number
  /** Frames that wait for such connections. */
  readonly waiting: number
  /** Frames since the start. */
  readonly told: number
  /** How many changes somebody was told of, and how long the telling took, in seconds. */
  readonly telling: { readonly count: number; readonly sum: number }
}

interface Needs {
  readonly registry: RegistryView
  readonly dependencies: Dependencies
  readonly clock: Clock
  readonly pings: PingWheel
  readonly idleSeconds: number
}

/** Who watches for whom: tells the watchers of every consumer about the instances of its providers. */
export class WatchHub {
  readonly #registry: RegistryView
  readonly #dependencies: Dependencies
  readonly #clock: Clock
  readonly #pings: PingWheel
  readonly #idleSeconds: number
  /** Watchers by `tenant/serviceId` of the consumer. */
  readonly #watchers = new Map<string, Set<Watching>>()
  #told = 0
  readonly #telling = { count: 0, sum: 0 }

  constructor({ registry, dependencies, clock, pings, idleSeconds }: Needs) {
    this.#registry = registry
    this.#dependencies = dependencies
    this.#clock = clock
    this.#pings = pings
    this.#idleSeconds = idleSeconds
    registry.onInstance((event) => this.#onInstance(event))
  }

  /**
   * Takes over an open WebSocket that watches for the consumer `id`. An unknown consumer is told so in words that
   * clients look for, and the connection ends.
   * @param withSnapshot first tell everything that is there (the `listwatcher` of Service Center 1)
   */
  open(
    consumer: { readonly tenant: Tenant; readonly id: ServiceId },
    socket: WebSocket,
    options: {
      readonly raw: Duplex
      readonly withSnapshot: boolean
      readonly viewer?: Viewer | undefined
    },
  ): void {
    const { tenant, id } = consumer
    const { viewer } = options
    socket.on('error', () => socket.terminate())
    if (this.#registry.service(tenant, id) === undefined) {
      socket.send(UNKNOWN_SERVICE_FRAME, () => options.raw.end())
      return
    }
    const snapshot = (action: WatchAction) => this.#snapshot({ tenant, id, viewer }, action)
    const watcher = new Watcher({
      socket,
      raw: options.raw,
      clock: this.#clock,
      idleSeconds: this.#idleSeconds,
      snapshot: () => snapshot('UPDATE'),
    })
    this.#add(`${tenant}/${id}`, { watcher, viewer, socket })
    if (options.withSnapshot) watcher.sendSnapshot(snapshot('INIT'))
  }

  /** Number of open watches of one consumer. */
  watchesOf(tenant: Tenant, id: ServiceId): number {
    return this.#watchers.get(`${tenant}/${id}`)?.size ?? 0
  }

  /** Number of open watches. */
  get size(): number {
    let size = 0
    for (const watchers of this.#watchers.values()) size += watchers.size
    return size
  }

  /** Who watches, and what they are told; looks at every watch. */
  load(): WatchLoad {
    const byDomain = new Map<string, number>()
    let slow = 0
    let waiting = 0
    for (const [key, watchers] of this.#watchers) {
      const domain = key.slice(0, key.indexOf('/'))
      byDomain.set(domain, (byDomain.get(domain) ?? 0) + watchers.size)
      for (const { watcher } of watchers) {
        if (!watcher.isLive) slow++
        waiting += watcher.waiting
      }
    }
    return { byDomain, slow, waiting, told: this.#told, telling: this.#telling }
  }

  /** Ends the watches of those who may not watch any more; called when rights have changed. */
  recheck(): void {
    for (const watchers of this.#watchers.values()) {
      for (const { viewer, socket } of watchers) expel(viewer, socket)
    }
  }

  #add(key: string, watching: Watching): void {
    const { watcher, viewer, socket } = watching
    let watchers = this.#watchers.get(key)
    if (watchers === undefined) {
      watchers = new Set()
      this.#watchers.set(key, watchers)
    }
    watchers.add(watching)
    const target: PingTarget = {
      onTurn: () => {
        if (!expel(viewer, socket)) watcher.onTurn()
      },
    }
    this.#pings.add(target)
    socket.on('close', () => {
      this.#pings.remove(target)
      const home = this.#watchers.get(key)
      home?.delete(watching)
      if (home?.size === 0) this.#watchers.delete(key)
    })
  }

  #onInstance({ told, service, instance }: InstanceEvent): void {
    if (told === undefined || this.#watchers.size === 0) return
    const began = this.#clock.monotonic()
    let frame: InstanceFrame | undefined
    for (const consumer of this.#dependencies.eachConsumer(service)) {
      const watchers = this.#watchers.get(`${consumer.tenant}/${consumer.id}`)
      if (watchers === undefined) continue
      frame ??= frameOf(told, service, instance)
      for (const { watcher, viewer } of watchers) {
        if (viewer !== undefined && !viewer.sees(service)) continue
        this.#told++
        watcher.send(frame)
      }
    }
    if (frame === undefined) return
    this.#telling.count++
    this.#telling.sum += (this.#clock.monotonic() - began) / 1000
  }

  *#snapshot(
    { tenant, id, viewer }: { readonly tenant: Tenant; readonly id: ServiceId; readonly viewer: Viewer | undefined },
    action: WatchAction,
  ): Iterable<InstanceFrame> {
    const consumer = this.#registry.service(tenant, id)
    if (consumer === undefined) return
    for (const provider of this.#dependencies.providersOf(consumer)) {
      if (viewer?.sees(provider) === false) continue
      for (const instance of provider.instances.values()) {
        if (instance.drainingUntil === undefined) yield frameOf(action, provider, instance)
      }
    }
  }
}

function frameOf(action: WatchAction, service: KnownService, instance: InstanceNode): InstanceFrame {
  const about = `${service.tenant}/${service.id}/${instance.id}`
  const bytes = textFrame(watchFrame(action, service.keyText, instance.text))
  return { about, bytes, isEnd: action === 'DELETE' }
}
