import type { Socket } from 'node:net'
import type { Dispatcher } from './secure-connections.ts'
import { tapUpgrade } from './socket-tap.ts'

export interface SocketEvents {
  onOpen(): void
  onText(text: string): void
  /** Bytes of any kind have come, pings included. */
  onTraffic(): void
  /** It is over, or has never begun; nothing comes after this. */
  onEnd(reason: string): void
}

/** An open or opening WebSocket. */
export interface OpenSocket {
  /** Whether `onTraffic` can be relied on. */
  readonly isSupervised: boolean
  /** Ends the connection at once and without a word: no event comes any more. */
  drop(): void
}

/** Node's WebSocket takes these; the DOM's type does not know. */
interface SocketOptions {
  readonly headers: Readonly<Record<string, string>>
  readonly dispatcher?: Dispatcher
}
type WebSocketWithOptions = new (url: URL, options: SocketOptions) => WebSocket

/** Opens a WebSocket whose connection does not keep the process alive once it is open. */
export function openSocket(target: URL, options: SocketOptions, events: SocketEvents): OpenSocket {
  let connection: Socket | undefined
  let isOver = false
  const stopTap = tapUpgrade(target, (socket) => {
    connection = socket
  })
  const socket = new (WebSocket as unknown as WebSocketWithOptions)(target, options)
  const end = (reason: string) => {
    if (isOver) return
    isOver = true
    stopTap()
    events.onEnd(reason)
  }
  socket.addEventListener('open', () => {
    // Not before: whoever listens first sets the bytes flowing, and a frame that came with the handshake would be lost.
    connection?.unref().on('data', () => {
      if (!isOver) events.onTraffic()
    })
    if (!isOver) events.onOpen()
  })
  socket.addEventListener('message', ({ data }: MessageEvent<unknown>) => {
    if (!isOver) events.onText(String(data))
  })
  socket.addEventListener('error', () => end('connection refused or broken'))
  socket.addEventListener('close', ({ code }) => end(`connection closed (${code})`))
  return {
    get isSupervised() {
      return connection !== undefined
    },
    drop() {
      isOver = true
      stopTap()
      socket.close()
      connection?.destroy()
    },
  }
}
