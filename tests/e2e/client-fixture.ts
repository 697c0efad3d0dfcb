import { EventEmitter } from 'node:events'
import type { Client, ClientOptions, Membership, MembershipState, Provider, WatchSignal } from '@rollcall/client'
import { createClient } from '@rollcall/client'
import type { Engine } from '@rollcall/engine/engine'
import { startEngine } from '@rollcall/engine/engine'
import { ManualClock } from '@rollcall/engine/kernel/manual-clock'
import { loadSettings } from '@rollcall/engine/settings'

const silent = { error() {}, warn() {}, info() {} }

/** A real engine in this process, on memory, with a client; both live by a clock that the test moves. */
export interface TestBed extends AsyncDisposable {
  readonly engine: Engine
  readonly client: Client
  /** Time of the engine: leases end by it. */
  readonly engineClock: ManualClock
  /** Time of the client: heartbeats, pulls and pauses come by it. */
  readonly clientClock: ManualClock
  connect(options?: Partial<ClientOptions>): Client
  /** Resolves after the next answer to a request of `client` whose method and path are like this. */
  untilAnswer(request: RegExp): Promise<void>
}

export async function startTestBed(flags: readonly string[] = []): Promise<TestBed> {
  const engineClock = new ManualClock()
  const clientClock = new ManualClock()
  const settings = loadSettings(['--server.port', '0', '--store.kind', 'memory', ...flags], {})
  const engine = await startEngine(settings, { log: silent, clock: engineClock })
  const connect = (options: Partial<ClientOptions> = {}) =>
    createClient({ urls: engine.url, clock: clientClock, random: () => 0, ...options })
  const answers = new EventEmitter()
  const client = connect({ fetch: observedFetch(answers) })
  const untilAnswer = (request: RegExp) =>
    new Promise<void>((resolve) => {
      answers.on('answer', function check(line: string) {
        if (!request.test(line)) return
        answers.off('answer', check)
        resolve()
      })
    })
  return { engine, client, engineClock, clientClock, connect, untilAnswer, [Symbol.asyncDispose]: () => engine.close() }
}

/** The ordinary fetch; says afterwards what was asked. */
function observedFetch(answers: EventEmitter): typeof fetch {
  return async (target, init) => {
    const response = await fetch(target, init)
    setImmediate(() => answers.emit('answer', `${init?.method} ${String(target)}`))
    return response
  }
}

/** The next time that a membership enters this state; at once when it is in it. */
export function untilState(membership: Membership, kind: MembershipState['kind']): Promise<MembershipState> {
  return new Promise((resolve) => {
    const stop = membership.onState(check)
    function check(state: MembershipState): void {
      if (state.kind !== kind) return
      stop?.()
      resolve(state)
    }
    check(membership.state)
  })
}

/** Resolves as soon as the list of a provider is as wanted. */
export function untilList(
  provider: Provider,
  isWanted: (instances: ReturnType<Provider['instances']>) => boolean,
): Promise<void> {
  return new Promise((resolve) => {
    const stop = provider.onChange(check)
    function check(): void {
      if (!isWanted(provider.instances())) return
      stop?.()
      resolve()
    }
    check()
  })
}

/** The next signal of this kind that the watch of a consumer gives; the watch ends with it. */
export function untilSignal(client: Client, consumerId: string, kind: WatchSignal['kind']): Promise<WatchSignal> {
  return new Promise((resolve) => {
    const stop = client.watch(consumerId, (signal) => {
      if (signal.kind !== kind) return
      setImmediate(() => stop())
      resolve(signal)
    })
  })
}
