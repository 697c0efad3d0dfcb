import type { WebSocket } from 'ws'
import type { KnownService } from '../domain/registry/index.ts'

/** Somebody whose rights are limited, or may end or be taken away. Provided by the gate of the edge. */
export interface Viewer {
  /** Whether he may still be here. */
  isWelcome(): boolean
  sees(service: KnownService): boolean
}

/** Policy violation: the right to be here has ended. */
const REFUSED_CODE = 1008

/** Ends the connection of who may not be here any more. @returns whether it does */
export function expel(viewer: Viewer | undefined, socket: WebSocket): boolean {
  if (viewer === undefined || viewer.isWelcome()) return false
  socket.close(REFUSED_CODE)
  return true
}
