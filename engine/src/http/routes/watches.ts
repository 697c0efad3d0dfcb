import type { Duplex } from 'node:stream'
import type { WebSocket } from 'ws'
import type { InstanceId, ServiceId, Tenant } from '../../domain/registry/index.ts'
import { BEAT_CHANNEL_MESSAGE_BYTES_MAX, WATCHER_MESSAGE_BYTES_MAX } from '../../kernel/limits.ts'
import type { SocketRoute } from '../call.ts'

/** Takes over connections that watch for a consumer. Declared here, provided by the watch hub, wired in engine.ts. */
interface Hub {
  open(
    consumer: { readonly tenant: Tenant; readonly id: ServiceId },
    socket: WebSocket,
    options: { readonly raw: Duplex; readonly withSnapshot: boolean },
  ): void
}

/** Takes over connections that send heartbeats. */
interface Channels {
  open(
    id: { readonly tenant: Tenant; readonly serviceId: ServiceId; readonly instanceId: InstanceId },
    socket: WebSocket,
  ): void
}

const BASE = '/v4/:project/registry/microservices/:serviceId'

/** The WebSockets: changes to consumers, and heartbeats. */
export function watchRoutes(hub: Hub, channels: Channels): SocketRoute[] {
  const watch = (path: string, withSnapshot: boolean): SocketRoute => ({
    path,
    family: 'v4',
    messageBytesMax: WATCHER_MESSAGE_BYTES_MAX,
    open: ({ tenant, params }, socket, raw) => {
      hub.open({ tenant, id: params.serviceId ?? '' }, socket, { raw, withSnapshot })
    },
  })
  return [
    watch(`${BASE}/watcher`, false),
    watch(`${BASE}/listwatcher`, true),
    {
      path: `${BASE}/instances/:instanceId/heartbeat`,
      family: 'v4',
      messageBytesMax: BEAT_CHANNEL_MESSAGE_BYTES_MAX,
      open: ({ tenant, params }, socket) => {
        channels.open({ tenant, serviceId: params.serviceId ?? '', instanceId: params.instanceId ?? '' }, socket)
      },
    },
  ]
}
