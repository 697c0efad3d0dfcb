import { DecodeError } from './decode.ts'

/**
 * The numbers of an interface in a report, in the order in which `MetricReport.numbers` holds them. Times are
 * milliseconds, counts are those of the reporter's last interval. `open` is 1 when the circuit breaker is open.
 */
const INTERFACE_NUMBERS = [
  'qps',
  'total',
  'failure',
  'latency',
  'l995',
  'l99',
  'l90',
  'l75',
  'l50',
  'l25',
  'l5',
  'shortCircuited',
  'semaphoreRejected',
  'threadPoolRejected',
  'countTimeout',
  'open',
] as const

/** How many numbers an interface has. */
export const INTERFACE_WIDTH = INTERFACE_NUMBERS.length

/** What an instance says of itself besides its interfaces; what it does not say is undefined. */
export interface InstanceGauges {
  readonly thread: number | undefined
  /** Load average, share of the processors or their count: clients differ. */
  readonly cpu: number | undefined
  readonly loadAverage: number | undefined
  /** Milliseconds. */
  readonly uptime: number | undefined
  /** Bytes by the name that the client gives them. */
  readonly memory: Readonly<Record<string, number>>
}

/** One report of one instance, read and checked. */
export interface MetricReport {
  readonly appId: string
  readonly name: string
  readonly version: string
  readonly environment: string
  /** Host name. */
  readonly instance: string
  /** Both ids are there, or both are empty. */
  readonly serviceId: string
  readonly instanceId: string
  /** When the numbers were taken, milliseconds since the epoch; 0 when the report does not say. */
  readonly timestamp: number
  readonly gauges: InstanceGauges
  readonly interfaceNames: readonly string[]
  /** INTERFACE_WIDTH numbers per interface. */
  readonly numbers: Float64Array
}

/** Interfaces of one report. */
const INTERFACES_MAX = 1000

const TEXT_LENGTH_MAX = 512
const MEMORY_KEYS_MAX = 32
const MEMORY_KEY_LENGTH_MAX = 64
const NUMBER_MAX = Number.MAX_SAFE_INTEGER
const NUMERIC = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/
/** Seconds that a client's numbers cover; with it totals are made up that a client does not send. */
const CLIENT_WINDOW_SECONDS = 10

type Json = Readonly<Record<string, unknown>>

/**
 * Reads a metric document as Java and Go clients send it: numbers may be texts, null counts as absent, unknown members
 * are ignored, negative counts (clients send them for "not known yet") become 0.
 * It is written out by hand because this is the most frequent body of all: nothing is allocated per number.
 * @throws DecodeError that names the member and the rule
 */
export function readMetricReport(value: unknown): MetricReport {
  if (!isObject(value)) throw new DecodeError('body: not an object')
  const name = requiredText(value, 'name')
  const appId = requiredText(value, 'appId')
  const version = requiredText(value, 'version')
  const instance = requiredText(value, 'instance')
  const serviceId = optionalText(value, 'serviceId')
  const instanceId = optionalText(value, 'instanceId')
  if ((serviceId === '') !== (instanceId === '')) {
    const missing = serviceId === '' ? 'serviceId' : 'instanceId'
    throw new DecodeError(`${missing}: missing; serviceId and instanceId come together or not at all`)
  }
  const interfaces = listOf(value.interfaces)
  const interfaceNames: string[] = []
  const numbers = new Float64Array(interfaces.length * INTERFACE_WIDTH)
  for (let index = 0; index < interfaces.length; index++) {
    const item: unknown = interfaces[index]
    if (!isObject(item)) throw new DecodeError(`interfaces[${index}]: not an object`)
    interfaceNames.push(nameOf(item, index))
    readNumbers(item, numbers, index)
  }
  return {
    name,
    appId,
    version,
    instance,
    environment: optionalText(value, 'environment'),
    serviceId,
    instanceId,
    timestamp: gauge(value.timestamp, 'timestamp') ?? 0,
    gauges: {
      thread: gauge(value.thread ?? value.threadCount, 'thread'),
      cpu: gauge(value.cpu, 'cpu'),
      loadAverage: gauge(value.loadAverage, 'loadAverage'),
      uptime: gauge(value.uptime, 'uptime'),
      memory: memoryOf(value.memory),
    },
    interfaceNames,
    numbers,
  }
}

function readNumbers(item: Json, into: Float64Array, index: number): void {
  const at = index * INTERFACE_WIDTH
  const qps = count(item.qps, index, 'qps')
  into[at] = qps
  const total = isAbsent(item.total) ? Math.round(qps * CLIENT_WINDOW_SECONDS) : count(item.total, index, 'total')
  const failureRate = count(item.failureRate, index, 'failureRate')
  into[at + 1] = total
  into[at + 2] = isAbsent(item.failure) ? Math.round(total * failureRate) : count(item.failure, index, 'failure')
  into[at + 3] = count(item.latency, index, 'latency')
  into[at + 4] = count(item.l995, index, 'l995')
  into[at + 5] = count(item.l99, index, 'l99')
  into[at + 6] = count(item.l90, index, 'l90')
  into[at + 7] = count(item.l75, index, 'l75')
  into[at + 8] = count(item.l50, index, 'l50')
  into[at + 9] = count(item.l25, index, 'l25')
  into[at + 10] = count(item.l5, index, 'l5')
  into[at + 11] = count(item.shortCircuited, index, 'shortCircuited')
  into[at + 12] = count(item.semaphoreRejected, index, 'semaphoreRejected')
  into[at + 13] = count(item.threadPoolRejected, index, 'threadPoolRejected')
  into[at + 14] = count(item.countTimeout, index, 'countTimeout')
  into[at + 15] = flag(item.circuitBreakerOpen ?? item.isCircuitBreakerOpen, index)
  count(item.rate, index, 'rate')
}

function count(value: unknown, index: number, member: string): number {
  const number = numberOf(value)
  if (number >= 0 && number <= NUMBER_MAX) return number
  if (number < 0 && number >= -NUMBER_MAX) return 0
  throw new DecodeError(`interfaces[${index}].${member}: ${fault(number)}`)
}

function flag(value: unknown, index: number): number {
  if (value === false || value === undefined || value === null) return 0
  if (value === true) return 1
  const text = typeof value === 'string' ? value.toLowerCase() : value
  if (text === 'true') return 1
  if (text === 'false') return 0
  throw new DecodeError(`interfaces[${index}].circuitBreakerOpen: not true or false`)
}

/** NaN for what is no number. */
function numberOf(value: unknown): number {
  if (typeof value === 'number') return value
  if (value === undefined || value === null) return 0
  return typeof value === 'string' && NUMERIC.test(value) ? Number(value) : Number.NaN
}

function fault(number: number): string {
  return Number.isNaN(number) ? 'not a number' : `beyond ${NUMBER_MAX}`
}

function gauge(value: unknown, member: string): number | undefined {
  if (isAbsent(value)) return undefined
  const number = numberOf(value)
  if (!Number.isFinite(number)) throw new DecodeError(`${member}: not a number`)
  return number
}

/** Old clients send a single number. */
function memoryOf(value: unknown): Record<string, number> {
  if (isAbsent(value)) return {}
  if (!isObject(value)) return { used: gauge(value, 'memory') ?? 0 }
  const names = Object.keys(value)
  if (names.length > MEMORY_KEYS_MAX) throw new DecodeError(`memory: more than ${MEMORY_KEYS_MAX} members`)
  const memory: Record<string, number> = Object.create(null)
  for (const name of names) {
    if (name.length > MEMORY_KEY_LENGTH_MAX) {
      throw new DecodeError(`memory: a name is longer than ${MEMORY_KEY_LENGTH_MAX} characters`)
    }
    const bytes = gauge(value[name], `memory.${name}`)
    // Every current Java client misspells this one.
    if (bytes !== undefined) memory[name === 'headMax' ? 'heapMax' : name] = bytes
  }
  return memory
}

function nameOf(item: Json, index: number): string {
  const name = item.name ?? item.functionName
  if (typeof name === 'string' && name !== '' && name.length <= TEXT_LENGTH_MAX) return name
  throw new DecodeError(`interfaces[${index}].name: ${textFault(name)}`)
}

function requiredText(body: Json, member: string): string {
  const value = body[member]
  if (typeof value === 'string' && value.length <= TEXT_LENGTH_MAX && value.trim() !== '') return value
  throw new DecodeError(`${member}: ${textFault(value)}`)
}

function optionalText(body: Json, member: string): string {
  const value = body[member]
  if (isAbsent(value)) return ''
  if (typeof value === 'string' && value.length <= TEXT_LENGTH_MAX) return value
  throw new DecodeError(`${member}: ${textFault(value)}`)
}

function textFault(value: unknown): string {
  if (isAbsent(value)) return 'missing'
  if (typeof value !== 'string') return 'not a text'
  return value.trim() === '' ? 'empty' : `longer than ${TEXT_LENGTH_MAX} characters`
}

function listOf(value: unknown): readonly unknown[] {
  if (isAbsent(value)) return []
  if (!Array.isArray(value)) throw new DecodeError('interfaces: not a list')
  if (value.length > INTERFACES_MAX) throw new DecodeError(`interfaces: more than ${INTERFACES_MAX}`)
  return value
}

function isAbsent(value: unknown): value is undefined | null {
  return value === undefined || value === null
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
