import type { ServiceKey } from './documents.ts'
import { SERVICE_KEY } from './documents.ts'
import { encodeObject } from './encode.ts'

/** What happened to an instance, as watch frames say it; INIT shows one that was there before a `listwatcher` came. */
export type WatchAction = 'INIT' | 'CREATE' | 'UPDATE' | 'DELETE'

/** Text frame to a watcher whose service is unknown; Go clients look for exactly these words. */
export const UNKNOWN_SERVICE_FRAME = 'service does not exist'

/** Close code of the heartbeat channel when the instance is gone; Go clients register anew on it. */
export const INSTANCE_GONE_CODE = 4001
export const INSTANCE_GONE_REASON = 'heartbeat reporting failed because the instance does not exist'

/** Frame text from parts that are JSON already. */
export function watchFrame(action: WatchAction, keyJson: string, instanceJson: string): string {
  return `{"action":"${action}","key":${keyJson},"instance":${instanceJson}}`
}

/** The `key` member of a frame. */
export function watchKey(key: ServiceKey): string {
  return encodeObject(SERVICE_KEY, key)
}
