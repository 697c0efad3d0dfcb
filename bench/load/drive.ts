import { connect, type Socket } from 'node:net'
import { Histogram, type Latency } from './histogram.ts'
import { type RequestSource, type RequestSpec, requestSource } from './request.ts'
import { ResponseReader } from './response-reader.ts'

/** One slice of load. It ends after `seconds`, or earlier when `requestsMax` requests have been sent. */
export interface DriveJob {
  readonly port: number
  readonly connections: number
  readonly seconds: number
  readonly requestsMax?: number
  readonly requests: readonly RequestSpec[]
  readonly expectedStatus: number
}

export interface DriveResult {
  readonly requests: number
  readonly seconds: number
  readonly perSecond: number
  readonly latency: Latency
  readonly errors: number
  readonly firstError: string
}

const READ_BUFFER_BYTES = 262_144

/** Sends requests over keep-alive connections, one in flight on each, as fast as answers come. */
export async function drive(job: DriveJob): Promise<DriveResult> {
  const run = new Run(job)
  const connections = await Promise.all(Array.from({ length: job.connections }, () => Connection.open(job.port, run)))
  const start = performance.now()
  run.endsAt = start + job.seconds * 1000
  await Promise.all(connections.map((connection) => connection.work()))
  return run.result((performance.now() - start) / 1000)
}

/** What the connections of a slice have in common. */
class Run {
  endsAt = 0
  readonly #next: RequestSource
  readonly #expectedStatus: number
  readonly #latencies = new Histogram()
  #left: number
  #answers = 0
  #errors = 0
  #firstError = ''

  constructor({ requests, requestsMax = Number.POSITIVE_INFINITY, expectedStatus }: DriveJob) {
    this.#next = requestSource(requests)
    this.#left = requestsMax
    this.#expectedStatus = expectedStatus
  }

  /** The next request, or undefined when the slice is over. */
  next(now: number): Buffer | undefined {
    if (this.#left <= 0 || now >= this.endsAt) return undefined
    this.#left -= 1
    return this.#next()
  }

  answered(status: number, milliseconds: number): void {
    this.#answers += 1
    this.#latencies.record(milliseconds)
    if (status !== this.#expectedStatus) this.failed(`status ${status}`)
  }

  failed(reason: string): void {
    if (this.#errors === 0) this.#firstError = reason
    this.#errors += 1
  }

  result(seconds: number): DriveResult {
    const requests = this.#answers
    const latency = this.#latencies.latency()
    const perSecond = requests / seconds
    return { requests, seconds, perSecond, latency, errors: this.#errors, firstError: this.#firstError }
  }
}

class Connection {
  readonly #socket: Socket
  readonly #run: Run
  readonly #reader = new ResponseReader((status) => this.#answered(status))
  readonly #finished = Promise.withResolvers<void>()
  #sentAt = 0
  #isIdle = true

  static async open(port: number, run: Run): Promise<Connection> {
    const connection = new Connection(port, run)
    await new Promise((resolve) => connection.#socket.once('connect', resolve).once('error', resolve))
    return connection
  }

  private constructor(port: number, run: Run) {
    this.#run = run
    const callback = (count: number, bytes: Uint8Array): boolean => this.#read(count, bytes as Buffer)
    const onread = { buffer: Buffer.allocUnsafe(READ_BUFFER_BYTES), callback }
    this.#socket = connect({ port, host: '127.0.0.1', noDelay: true, onread })
    this.#socket.on('error', (error) => this.#fail(error.message))
    this.#socket.on('close', () => this.#fail('the server closed the connection'))
  }

  /** Ends when the slice is over and the last answer is there. */
  work(): Promise<void> {
    this.#send(performance.now())
    return this.#finished.promise
  }

  #send(now: number): void {
    const request = this.#run.next(now)
    this.#isIdle = request === undefined
    if (request === undefined) {
      this.#socket.destroy()
      this.#finished.resolve()
      return
    }
    this.#sentAt = now
    this.#socket.write(request)
  }

  #read(count: number, bytes: Buffer): boolean {
    try {
      this.#reader.take(bytes.subarray(0, count))
    } catch (error) {
      this.#fail(String(error))
      this.#socket.destroy()
    }
    return true
  }

  #answered(status: number): void {
    if (this.#isIdle) {
      this.#run.failed('an answer that nobody asked for')
      return
    }
    const now = performance.now()
    this.#run.answered(status, now - this.#sentAt)
    this.#send(now)
  }

  #fail(reason: string): void {
    if (!this.#isIdle) this.#run.failed(reason)
    this.#isIdle = true
    this.#finished.resolve()
  }
}
