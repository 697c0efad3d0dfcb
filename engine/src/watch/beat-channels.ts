import { INSTANCE_GONE_CODE, INSTANCE_GONE_REASON } from '@rollcall/protocol/watch'
import type { WebSocket } from 'ws'
import type { InstanceId, Instances, RegistryView, ServiceId, Tenant } from '../domain/registry/index.ts'
import type { Clock } from '../kernel/clock.ts'
import { Failure } from '../kernel/failure.ts'
import type { PingTarget, PingWheel } from './ping-wheel.ts'
import type { Viewer } from './viewer.ts'
import { expel } from './viewer.ts'

interface Needs {
  readonly registry: RegistryView
  readonly instances: Instances
  readonly clock: Clock
  readonly pings: PingWheel
  readonly idleSeconds: number
}

/** Heartbeats over WebSockets: the engine pings, every pong of the client is a heartbeat of its instance. */
export class BeatChannels {
  readonly #registry: RegistryView
  readonly #instances: Instances
  readonly #clock: Clock
  readonly #pings: PingWheel
  readonly #idleMs: number
  /** Open channels by `tenant/serviceId/instanceId`, each with who holds it. */
  readonly #channels = new Map<string, Map<WebSocket, Viewer | undefined>>()

  constructor({ registry, instances, clock, pings, idleSeconds }: Needs) {
    this.#registry = registry
    this.#instances = instances
    this.#clock = clock
    this.#pings = pings
    this.#idleMs = idleSeconds * 1000
    registry.onInstance(({ action, service, instance }) => {
      if (action !== 'DELETE') return
      const gone = this.#channels.get(`${service.tenant}/${service.id}/${instance.id}`)
      for (const socket of gone?.keys() ?? []) closeAsGone(socket)
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
      if (!expel(viewer, socket)) void this.#beat(id, socket)
    })
    const target: PingTarget = {
      onTurn: () => {
        if (this.#clock.monotonic() - seenAt > this.#idleMs) socket.terminate()
        else if (socket.readyState === socket.OPEN) socket.ping()
      },
    }
    this.#pings.add(target)
    this.#keep(`${id.tenant}/${id.serviceId}/${id.instanceId}`, socket, viewer)
    socket.on('close', () => this.#pings.remove(target))
  }

  /** Ends the channels of those who may not send heartbeats any more; called when rights have changed. */
  recheck(): void {
    for (const sockets of this.#channels.values()) for (const [socket, viewer] of sockets) expel(viewer, socket)
  }

  #keep(key: string, socket: WebSocket, viewer: Viewer | undefined): void {
    const sockets = this.#channels.get(key) ?? new Map<WebSocket, Viewer | undefined>()
    this.#channels.set(key, sockets)
    sockets.set(socket, viewer)
    socket.on('close', () => {
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
