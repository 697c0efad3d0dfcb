import { metricReport } from './metric-report.ts'
import { REGISTRY, type RegistryCalls, registration } from './registry-calls.ts'
import type { RequestSpec } from './request.ts'
import { findBatch } from './scale-scene.ts'
import { endedTransactions, openTransactions } from './transaction-report.ts'

/** Requests per second of the engine beside those of a floor, with what is to be held. */
export interface Scene {
  readonly name: string
  readonly title: string
  /** Bare node:http that answers the same bytes, or bare LMDB that stores a value of the same size. */
  readonly floor: 'bare http' | 'bare lmdb'
  /** Shares of the floor. */
  readonly atLeast: number
  readonly aim: number
  readonly expectedStatus: number
  /** Whether each slice begins with a fresh service, because the scene makes it grow. */
  readonly isGrowing: boolean
  /** Fills a registry in which the service exists, and says what to ask. */
  readonly prepare: (calls: RegistryCalls) => Promise<RequestSpec>
}

export const SERVICE = 'test3'
const FIND = `${REGISTRY}/instances?appId=default&serviceName=${SERVICE}`
const TRANSACTIONS = { method: 'POST', path: '/v2/default/csemonitor/transaction' } as const
const READ = { floor: 'bare http', atLeast: 0.8, aim: 0.95, expectedStatus: 200, isGrowing: false } as const

export const SCENES: readonly Scene[] = [
  { ...READ, name: 'heartbeat', title: 'heartbeat', prepare: prepareBeat },
  { ...READ, name: 'find-1', title: 'find, 1 instance', prepare: (calls) => prepareFind(calls, 1) },
  { ...READ, name: 'find-unchanged', title: 'find, unchanged', expectedStatus: 304, prepare: prepareUnchanged },
  { ...READ, name: 'find-100', title: 'find, 100 instances', prepare: (calls) => prepareFind(calls, 100) },
  { ...READ, name: 'find-1000', title: 'find, 1000 instances', prepare: (calls) => prepareFind(calls, 1000) },
  { ...READ, name: 'register-same', title: 'register, same', atLeast: 0.5, aim: 0.7, prepare: prepareSame },
  { ...READ, name: 'metric-20', title: 'metrics, 20 interfaces', atLeast: 0.5, aim: 0.7, prepare: prepareMetrics },
  {
    ...READ,
    name: 'transaction-100',
    title: 'transactions, 100 that have ended',
    // A hundred entries are checked, joined and written to disk, which the floor only parses.
    atLeast: 0.25,
    aim: 0.5,
    prepare: async () => ({ ...TRANSACTIONS, body: endedTransactions(100) }),
  },
  {
    ...READ,
    name: 'transaction-100-same',
    title: 'transactions, 100 still in flight',
    atLeast: 0.25,
    aim: 0.5,
    prepare: async () => ({ ...TRANSACTIONS, body: openTransactions(100) }),
  },
  {
    ...READ,
    name: 'list-10000',
    title: 'list of 10000 services',
    prepare: (calls) => prepareList(calls, ''),
  },
  {
    ...READ,
    name: 'list-10000-page',
    title: '100 of 10000 services',
    // Put together for each request; nobody asks for the same page often.
    atLeast: 0.25,
    aim: 0.5,
    prepare: (calls) => prepareList(calls, '?offset=5000&limit=100'),
  },
  {
    ...READ,
    name: 'find-batch-100',
    title: 'find, 100 services at once',
    // A hundred keys are decoded and checked, which the floor only parses.
    atLeast: 0.25,
    aim: 0.5,
    prepare: prepareBatch,
  },
  {
    name: 'register-growing',
    title: 'register, growing',
    floor: 'bare lmdb',
    atLeast: 0.5,
    aim: 0.8,
    expectedStatus: 200,
    isGrowing: true,
    prepare: async () => registration(SERVICE),
  },
]

async function prepareBeat(calls: RegistryCalls): Promise<RequestSpec> {
  await calls.register(SERVICE, ['1'])
  return { method: 'PUT', path: `${REGISTRY}/microservices/${SERVICE}/instances/1/heartbeat` }
}

/** A report of java-chassis about 20 interfaces. */
async function prepareMetrics(): Promise<RequestSpec> {
  return { method: 'POST', path: `/v2/default/csemonitor/metric?service=${SERVICE}`, body: metricReport(SERVICE, 20) }
}

async function prepareFind(calls: RegistryCalls, instances: number): Promise<RequestSpec> {
  const ids = Array.from({ length: instances }, (_, index) => String(index).padStart(32, '0'))
  await calls.register(SERVICE, ids)
  return { method: 'GET', path: FIND }
}

async function prepareUnchanged(calls: RegistryCalls): Promise<RequestSpec> {
  const { headers } = await calls.send(await prepareFind(calls, 1))
  const revision = headers[headers.indexOf('X-Resource-Revision') + 1]
  return { method: 'GET', path: `${FIND}&rev=${revision}` }
}

async function prepareList(calls: RegistryCalls, query: string): Promise<RequestSpec> {
  await calls.createServices(10_000)
  return { method: 'GET', path: `${REGISTRY}/microservices${query}` }
}

async function prepareBatch(calls: RegistryCalls): Promise<RequestSpec> {
  await calls.createServices(1000)
  return findBatch(100)
}

async function prepareSame(calls: RegistryCalls): Promise<RequestSpec> {
  await calls.register(SERVICE, ['1'])
  return registration(SERVICE, '1')
}
