import type { DriveJob, DriveResult } from './drive.ts'
import { type EngineOptions, EngineProcess } from './engine-process.ts'
import { type Spread, spread } from './figures.ts'
import { REGISTRY, RegistryCalls } from './registry-calls.ts'
import type { RequestSpec } from './request.ts'
import { Worker } from './worker.ts'

/** What many sign-ins at once do to the heartbeats of others. */
export const SIGN_IN_SCENE = { name: 'sign-ins', title: '50 sign-ins at once, beside heartbeats' } as const

export interface SignInFigures {
  readonly scene: string
  /** Heartbeats alone, and while accounts sign in; milliseconds. */
  readonly quietP99: Spread
  readonly busyP99: Spread
  readonly quietP50: Spread
  readonly busyP50: Spread
  /** Until the last of them had its token, milliseconds. */
  readonly signInsMs: Spread
  /** The longest time that nobody else could be served while accounts signed in, as CPU time; and without them. */
  readonly busyTurnMs: Spread
  readonly quietTurnMs: Spread
  readonly errors: number
  readonly firstError: string
}

const SIGN_INS = 50
const ACCOUNTS_PER_CALL = 20
const ROOT = { name: 'root', password: 'Root-4-the-bench' }
const PASSWORD = 'User-4-the-bench'
/** Few, so that what is seen is waiting and not a machine without a free core. */
const BEATING_CONNECTIONS = 2
const SLICE_SECONDS = 1.5

type Generator = Worker<DriveJob, DriveResult>

/** Alternates slices of heartbeats alone with slices during which all accounts sign in. */
export async function measureSignIns(options: EngineOptions, rounds: number): Promise<SignInFigures> {
  const variables = { ROLLCALL_ROOT_PASSWORD: ROOT.password }
  await using engine = await EngineProcess.start({
    ...options,
    isMetered: true,
    settings: ['--auth.mode', 'on'],
    variables,
  })
  const { beat, signIns } = await prepare(engine.port)
  await using beater: Generator = new Worker('./generator.ts')
  await using accounts: Generator = new Worker('./generator.ts')
  const port = { port: engine.port, expectedStatus: 200 }
  const beats: DriveJob = { ...port, connections: BEATING_CONNECTIONS, seconds: SLICE_SECONDS, requests: [beat] }
  const all: DriveJob = { ...port, connections: SIGN_INS, seconds: 60, requestsMax: SIGN_INS, requests: signIns }
  await beater.ask(beats)
  const quiet: DriveResult[] = []
  const busy: DriveResult[] = []
  const signedIn: DriveResult[] = []
  const turns = { quiet: [] as number[], busy: [] as number[] }
  for (let round = 0; round < rounds; round++) {
    await engine.ask('longest turn')
    quiet.push(await beater.ask(beats))
    turns.quiet.push(await engine.ask('longest turn'))
    const [besides, tokens] = await Promise.all([beater.ask(beats), accounts.ask(all)])
    busy.push(besides)
    signedIn.push(tokens)
    turns.busy.push(await engine.ask('longest turn'))
  }
  return figuresOf({ quiet, busy, signedIn, turns })
}

/** An instance that beats, and accounts; their requests. */
async function prepare(
  port: number,
): Promise<{ readonly beat: RequestSpec; readonly signIns: readonly RequestSpec[] }> {
  const calls = new RegistryCalls(port)
  const post = async (path: string, body: object, headers = {}): Promise<string> => {
    const request = { method: 'POST', path, headers, body: JSON.stringify(body) } as const
    return Buffer.from((await calls.send(request)).bodyBase64, 'base64').toString()
  }
  const { token } = JSON.parse(await post('/v4/token', ROOT)) as { token: string }
  const headers = { Authorization: `Bearer ${token}` }
  const names = Array.from({ length: SIGN_INS }, (_, index) => `account-${index}`)
  for (let begin = 0; begin < SIGN_INS; begin += ACCOUNTS_PER_CALL) {
    const some = names.slice(begin, begin + ACCOUNTS_PER_CALL)
    const accounts = some.map((name) => ({ name, password: PASSWORD, roles: ['viewer'] }))
    await post('/v4/accounts/batch-create', { accounts }, headers)
  }
  await post(`${REGISTRY}/microservices`, { service: { serviceName: 'beating', serviceId: 'beating' } }, headers)
  const instance = { instanceId: '1', hostName: 'h', endpoints: ['rest://127.0.0.1:1'] }
  await post(`${REGISTRY}/microservices/beating/instances`, { instance }, headers)
  const signIns = names.map((name) => {
    return { method: 'POST', path: '/v4/token', body: JSON.stringify({ name, password: PASSWORD }) } as const
  })
  const path = `${REGISTRY}/microservices/beating/instances/1/heartbeat`
  return { beat: { method: 'PUT', path, headers }, signIns }
}

interface Slices {
  readonly quiet: readonly DriveResult[]
  readonly busy: readonly DriveResult[]
  readonly signedIn: readonly DriveResult[]
  readonly turns: { readonly quiet: readonly number[]; readonly busy: readonly number[] }
}

function figuresOf({ quiet, busy, signedIn, turns }: Slices): SignInFigures {
  const all = [...quiet, ...busy, ...signedIn]
  return {
    scene: SIGN_IN_SCENE.name,
    quietP99: spread(quiet.map(({ latency }) => latency.p99)),
    busyP99: spread(busy.map(({ latency }) => latency.p99)),
    quietP50: spread(quiet.map(({ latency }) => latency.p50)),
    busyP50: spread(busy.map(({ latency }) => latency.p50)),
    signInsMs: spread(signedIn.map(({ latency }) => latency.max)),
    busyTurnMs: spread(turns.busy),
    quietTurnMs: spread(turns.quiet),
    errors: all.reduce((sum, { errors }) => sum + errors, 0),
    firstError: all.find(({ errors }) => errors > 0)?.firstError ?? '',
  }
}
