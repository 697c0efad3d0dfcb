import { BEAT_CHANNEL_MESSAGE_BYTES_MAX, WATCHER_MESSAGE_BYTES_MAX } from '../../kernel/limits.ts'
import type { BeatChannels } from '../../watch/beat-channels.ts'
import type { WatchHub } from '../../watch/hub.ts'
import type { SocketRoute } from '../call.ts'

const BASE = '/v4/:project/registry/microservices/:serviceId'

/** The WebSockets: changes to consumers, and heartbeats. */
export function watchRoutes(hub: WatchHub, channels: BeatChannels): SocketRoute[] {
  const watch = (path: string, withSnapshot: boolean): SocketRoute => ({
    path,
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
      messageBytesMax: BEAT_CHANNEL_MESSAGE_BYTES_MAX,
      open: ({ tenant, params }, socket) => {
        channels.open({ tenant, serviceId: params.serviceId ?? '', instanceId: params.instanceId ?? '' }, socket)
      },
    },
  ]
}
