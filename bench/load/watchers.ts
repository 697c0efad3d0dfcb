import { connect, type Socket } from 'node:net'
import { setTimeout as wait } from 'node:timers/promises'
import { FrameReader } from './frame-reader.ts'
import { answerJobs } from './worker.ts'

export type WatchersJob =
  /** Opens one WebSocket per path. */
  | { readonly kind: 'open'; readonly port: number; readonly paths: readonly string[] }
  /** Says when each watcher got its next frame, in milliseconds of the machine's monotonic clock. */
  | { readonly kind: 'arrivals'; readonly timeoutMs: number }
  /** Frames that came beyond the one that was awaited, and connections that were lost. */
  | { readonly kind: 'surplus' }

const OPENING_MAX = 100
const EMPTY_MASKED_PONG = Buffer.from([0x8a, 0x80, 0, 0, 0, 0])

const arrivals: number[] = []
let watchers = 0
let lost = 0
let surplus = 0
/** Counts the changes that were awaited. */
let round = 0
let onAll = (): void => {}

/** Process that holds many watchers. */
answerJobs(async (job: WatchersJob): Promise<number[]> => {
  if (job.kind === 'open') return [await openAll(job.port, job.paths)]
  if (job.kind === 'arrivals') return nextArrivals(job.timeoutMs)
  return [surplus, lost]
})

/** The monotonic clock, which all processes of a machine share. */
const now = (): number => Number(process.hrtime.bigint()) / 1e6

async function openAll(port: number, paths: readonly string[]): Promise<number> {
  const queue = [...paths]
  const opener = async (): Promise<void> => {
    for (let path = queue.pop(); path !== undefined; path = queue.pop()) await open(port, path)
  }
  await Promise.all(Array.from({ length: OPENING_MAX }, opener))
  return watchers
}

async function nextArrivals(timeoutMs: number): Promise<number[]> {
  arrivals.length = 0
  round += 1
  await Promise.race([
    new Promise<void>((resolve) => {
      onAll = resolve
    }),
    wait(timeoutMs),
  ])
  return [...arrivals]
}

function open(port: number, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true })
    socket.on('error', reject)
    socket.on('close', () => {
      lost += 1
    })
    socket.write(
      `GET ${path} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n` +
        'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n',
    )
    socket.once('data', (head) => {
      if (!head.toString('latin1').startsWith('HTTP/1.1 101')) {
        reject(new Error(`no upgrade: ${head.toString('latin1', 0, 200)}`))
        return
      }
      watchers += 1
      listen(socket, head.subarray(head.indexOf('\r\n\r\n') + 4))
      resolve()
    })
  })
}

function listen(socket: Socket, first: Buffer): void {
  let countedFor = -1
  const reader = new FrameReader({
    onText: () => {
      if (countedFor === round) surplus += 1
      else arrivals.push(now())
      countedFor = round
      if (arrivals.length === watchers) onAll()
    },
    onPing: () => socket.write(EMPTY_MASKED_PONG),
    onClose: () => socket.end(),
  })
  reader.take(first)
  socket.on('data', (bytes) => reader.take(bytes))
}
