import type { Duplex } from 'node:stream'
import type { WebSocket } from 'ws'
import type { InstanceId, ServiceId, Tenant } from '../../domain/registry/index.ts'
import { BEAT_CHANNEL_MESSAGE_BYTES_MAX, WATCHER_MESSAGE_BYTES_MAX } from '../../kernel/limits.ts'
import type { Call, Need, SocketRoute } from '../call.ts'
import type { Viewer } from '../gate.ts'
import { may } from '../permission.ts'
import { ofService } from '../scopes.ts'

/** Takes over connections that watch for a consumer. Declared here, provided by the watch hub, wired in engine.ts. */
interface Hub {
  open(
    consumer: { readonly tenant: Tenant; readonly id: ServiceId },
    socket: WebSocket,
    options: { readonly raw: Duplex; readonly withSnapshot: boolean; readonly viewer: Viewer | undefined },
  ): void
}

/** Takes over connections that send heartbeats. */
interface Channels {
  open(
    id: { readonly tenant: Tenant; readonly serviceId: ServiceId; readonly instanceId: InstanceId },
    socket: WebSocket,
    viewer: Viewer | undefined,
  ): void
}

const BASE = '/v4/:project/registry/microservices/:serviceId'

const MAY_WATCH: Need = { ...may('get', 'service', ofService), isSocket: true }
const MAY_BEAT: Need = { ...may('update', 'service', ofService), isSocket: true }

interface Needs {
  readonly hub: Hub
  readonly channels: Channels
  /** What a caller may see from now on; undefined: everything. */
  readonly viewerOf: (call: Call, need: Need) => Viewer | undefined
}

/** The WebSockets: changes to consumers, and heartbeats. */
export function watchRoutes({ hub, channels, viewerOf }: Needs): SocketRoute[] {
  const watch = (path: string, withSnapshot: boolean): SocketRoute => ({
    path,
    family: 'v4',
    permission: MAY_WATCH,
    messageBytesMax: WATCHER_MESSAGE_BYTES_MAX,
    open: (call, socket, raw) => {
      const { tenant, params } = call
      const viewer = viewerOf(call, MAY_WATCH)
      hub.open({ tenant, id: params.serviceId ?? '' }, socket, { raw, withSnapshot, viewer })
    },
  })
  return [
    watch(`${BASE}/watcher`, false),
    watch(`${BASE}/listwatcher`, true),
    {
      path: `${BASE}/instances/:instanceId/heartbeat`,
      family: 'v4',
      permission: MAY_BEAT,
      messageBytesMax: BEAT_CHANNEL_MESSAGE_BYTES_MAX,
      open: (call, socket) => {
        const { serviceId = '', instanceId = '' } = call.params
        channels.open({ tenant: call.tenant, serviceId, instanceId }, socket, viewerOf(call, MAY_BEAT))
      },
    },
  ]
}
