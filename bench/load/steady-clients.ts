import type { Agent } from 'node:http'
import { request } from 'node:http'
import { setTimeout as wait } from 'node:timers/promises'
import { Histogram, type Latency } from './histogram.ts'
import { metricReport } from './metric-report.ts'

const SERVICES = 50
const INSTANCE_ID = '0f1e2d3c4b5a69788796a5b4c3d2e1f0'
/** A report that begins later than this after its time is counted as late. */
const LATE_MS = 1000

export interface SteadyLoad {
  readonly instances: number
  readonly interfaces: number
  readonly periodMs: number
}

export interface ReportFigures {
  readonly count: number
  readonly errors: number
  readonly late: number
  readonly latency: Latency
}

/** Instances of fifty services; each reports once in a period, evenly spread. */
export class Reporters {
  readonly #port: number
  readonly #agent: Agent
  readonly #load: SteadyLoad
  readonly #templates: readonly string[]
  #latencies = new Histogram()
  #count = 0
  #errors = 0
  #late = 0

  constructor(port: number, agent: Agent, load: SteadyLoad) {
    this.#port = port
    this.#agent = agent
    this.#load = load
    this.#templates = Array.from({ length: SERVICES }, (_, index) => metricReport(`service-${index}`, load.interfaces))
  }

  /** Reports at its times, whether earlier reports are answered or not. */
  async work(milliseconds: number): Promise<void> {
    const { instances, periodMs } = this.#load
    const total = Math.round((milliseconds / periodMs) * instances)
    const start = performance.now()
    const open = new Set<Promise<void>>()
    for (let index = 0; index < total; index++) {
      const dueAt = start + (index * periodMs) / instances
      if (dueAt > performance.now()) await wait(1)
      if (performance.now() - dueAt > LATE_MS) this.#late += 1
      const sent = this.#send(index % instances)
      open.add(sent)
      void sent.then(() => open.delete(sent))
    }
    await Promise.all(open)
  }

  /** The figures since they were last taken. */
  take(): ReportFigures {
    const figures = {
      count: this.#count,
      errors: this.#errors,
      late: this.#late,
      latency: this.#latencies.latency(),
    }
    this.#latencies = new Histogram()
    this.#count = 0
    this.#errors = 0
    this.#late = 0
    return figures
  }

  #send(instance: number): Promise<void> {
    const id = String(instance).padStart(INSTANCE_ID.length, '0')
    const template = this.#templates[instance % SERVICES] ?? ''
    const body = template.replace(INSTANCE_ID, id).replace('"host-1"', `"host-${instance}"`)
    const startedAt = performance.now()
    const ended = (isGood: boolean): void => {
      this.#count += 1
      if (!isGood) this.#errors += 1
      this.#latencies.record(performance.now() - startedAt)
    }
    return new Promise((resolve) => {
      const options = { port: this.#port, agent: this.#agent, method: 'POST', path: '/v2/default/csemonitor/metric' }
      const call = request(options, (response) => {
        response.resume().on('end', () => {
          ended(response.statusCode === 200)
          resolve()
        })
      })
      call.on('error', () => {
        ended(false)
        resolve()
      })
      call.end(body)
    })
  }
}

export interface BrowserFigures {
  readonly browsers: number
  readonly events: number
  readonly bytes: number
  /** From the first browser that heard of an interval to each of them. */
  readonly delay: Latency
}

/** Pages that watch the stream: half of them all services, each of the others the interfaces of one service. */
export class Browsers {
  readonly #port: number
  readonly #count: number
  readonly #closing = new AbortController()
  #delays = new Histogram()
  /** When the first browser heard of an interval. */
  readonly #firstAt = new Map<string, number>()
  #events = 0
  #bytes = 0

  constructor(port: number, count: number) {
    this.#port = port
    this.#count = count
  }

  async open(): Promise<void> {
    await Promise.all(Array.from({ length: this.#count }, (_, index) => this.#open(index)))
  }

  close(): void {
    this.#closing.abort()
  }

  /** The figures since they were last taken. */
  take(): BrowserFigures {
    const figures = {
      browsers: this.#count,
      events: this.#events,
      bytes: this.#bytes,
      delay: this.#delays.latency(),
    }
    this.#delays = new Histogram()
    this.#events = 0
    this.#bytes = 0
    return figures
  }

  #open(index: number): Promise<void> {
    const search = index % 2 === 0 ? '' : `?service=service-${index % SERVICES}&by=interface`
    const options = { port: this.#port, path: `/v3/default/csemonitor/stream${search}`, signal: this.#closing.signal }
    return new Promise((resolve, reject) => {
      const call = request(options, (response) => {
        if (response.statusCode !== 200) reject(new Error(`stream: ${response.statusCode}`))
        resolve()
        response.setEncoding('latin1').on('data', (chunk: string) => this.#take(chunk))
        response.on('error', () => {})
      })
      call.on('error', (error) => reject(error))
      call.end()
    })
  }

  /** An event begins with its id; its time stands at the beginning of what it says. */
  #take(chunk: string): void {
    this.#bytes += chunk.length
    for (const [, time] of chunk.matchAll(/event: metrics\ndata: \{"time":(\d+)/g)) {
      this.#events += 1
      const now = performance.now()
      const firstAt = this.#firstAt.get(time ?? '') ?? now
      this.#firstAt.set(time ?? '', firstAt)
      this.#delays.record(now - firstAt)
    }
  }
}
