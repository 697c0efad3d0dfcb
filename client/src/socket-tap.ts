import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import type { Socket } from 'node:net'

/** What Node's HTTP client tells just before it writes a request; the part that matters here. */
interface SendHeaders {
  readonly request: { readonly origin: string | URL; readonly path: string; readonly upgrade?: unknown }
  readonly socket: Socket
}

const CHANNEL = 'undici:client:sendHeaders'
const claimed = new WeakSet<Socket>()

/**
 * Waits for the connection below a WebSocket that is about to be opened. Node's WebSocket shows neither pings nor its
 * connection; the diagnostics channel of the HTTP client under it does. Should a Node version not, nothing happens:
 * the watch then works unsupervised and keeps the process alive until it is closed.
 * @returns what ends the waiting
 */
export function tapUpgrade(target: URL, onSocket: (socket: Socket) => void): () => void {
  const origin = target.origin.replace(/^ws/, 'http')
  const end = () => void unsubscribe(CHANNEL, onMessage)
  function onMessage(message: unknown): void {
    const { request, socket } = message as SendHeaders
    const isOurs = request.upgrade === 'websocket' && request.path === target.pathname
    if (!isOurs || String(request.origin) !== origin || claimed.has(socket)) return
    claimed.add(socket)
    end()
    onSocket(socket)
  }
  subscribe(CHANNEL, onMessage)
  return end
}
