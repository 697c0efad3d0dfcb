import { INSTANCE_GONE_CODE, INSTANCE_GONE_REASON } from '@rollcall/protocol/watch'
import type { WebSocket } from 'ws'
import type { InstanceId, Instances, RegistryView, ServiceId, Tenant } from '../domain/registry/index.ts'
import type { Clock } from '../kernel/clock.ts'
import { Failure } from '../kernel/failure.ts'
import type { Viewer } from './hub.ts'
import type { PingTarget, PingWheel } from './ping-wheel.ts'

interface Needs {
  readonly registry: RegistryView
  readonly instances: Instances
  readonly clock: Clock
  readonly pings: PingWheel
  readonly idleSeconds: number
}

/** Policy violation: the right to be here has been taken away. */
const REFUSED_CODE = 1008

/** Heartbeats over WebSockets: the engine pings, every pong of the client is a heartbeat of its instance. */
export class BeatChannels {
  readonly #registry: RegistryView
  readonly #instances: Instances
  readonly #clock: Clock
  readonly #pings: PingWheel
  readonly #idleMs: number
  /** Open channels by `tenant/serviceId/instanceId`. */
  readonly #channels = new Map<string, Set<WebSocket>>()

  constructor({ registry, instances, clock, pings, idleSeconds }: Needs) {
    this.#registry = registry
    this.#instances = instances
    this.#clock = clock
    this.#pings = pings
    this.#idleMs = idleSeconds * 1000
    registry.onInstance(({ action, service, instance }) => {
      if (action !== 'DELETE') return
      const gone = this.#channels.get(`${service.tenant}/${service.id}/${instance.id}`)
      for (const socket of gone ?? []) closeAsGone(socket)
    })
  }

  /** Takes over an open WebSocket; closes it with 4001 as soon as the instance does not exist (any more). */
  open(
    id: { readonly tenant: Tenant; readonly serviceId: ServiceId; readonly instanceId: InstanceId },
    socket: WebSocket,
    viewer?: Viewer,
  ): void {
    socket.on('error', () => socket.terminate())
    if (this.#registry.instance(id.tenant, id.serviceId, id.instanceId) === undefined) {
      closeAsGone(socket)
      return
    }
    let seenAt = this.#clock.monotonic()
    socket.on('pong', () => {
      seenAt = this.#clock.monotonic()
      if (viewer?.isWelcome() === false) socket.close(REFUSED_CODE)
      else void this.#beat(id, socket)
    })
    const target: PingTarget = {
      onTurn: () => {
        if (this.#clock.monotonic() - seenAt > this.#idleMs) socket.terminate()
        else if (socket.readyState === socket.OPEN) socket.ping()
      },
    }
    this.#add(`${id.tenant}/${id.serviceId}/${id.instanceId}`, socket, target)
  }

  #add(key: string, socket: WebSocket, target: PingTarget): void {
    let sockets = this.#channels.get(key)
    if (sockets === undefined) {
      sockets = new Set()
      this.#channels.set(key, sockets)
    }
    sockets.add(socket)
    this.#pings.add(target)
    socket.on('close', () => {
      this.#pings.remove(target)
      const home = this.#channels.get(key)
      home?.delete(socket)
      if (home?.size === 0) this.#channels.delete(key)
    })
  }

  async #beat(id: Parameters<BeatChannels['open']>[0], socket: WebSocket): Promise<void> {
    try {
      await this.#instances.beat(id.tenant, id.serviceId, id.instanceId)
    } catch (error) {
      // A store that cannot tell is no reason to send the instance away: the next pong tries again.
      if (error instanceof Failure) closeAsGone(socket)
    }
  }
}

function closeAsGone(socket: WebSocket): void {
  socket.close(INSTANCE_GONE_CODE, INSTANCE_GONE_REASON)
}
