import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Actor } from './actor.ts'

/** How long anything may take that is not timed, on a slow machine. */
export const PATIENCE_MS = 30_000

/** A service of `examples/shop` that has joined the engine. */
export interface Service {
  readonly actor: Actor
  readonly instanceId: string
  readonly url: string
  readonly joinedAt: number
}

export interface RunningEngine {
  readonly engine: Actor
  readonly url: string
}

/** An engine and services of the example in processes of their own, with a folder for the engine's data. */
export class Stage {
  readonly folder = mkdtempSync(join(tmpdir(), 'rollcall-example-'))
  readonly actors: Actor[] = []
  #isOver = false

  /** Clears itself when the process is interrupted, and ends the process then. */
  constructor() {
    for (const [signal, code] of [
      ['SIGINT', 130],
      ['SIGTERM', 143],
    ] as const) {
      process.once(signal, () => void this.clear().then(() => process.exit(code)))
    }
  }

  /** @param port 0 takes a free one */
  async startEngine(port: string): Promise<RunningEngine> {
    const args = ['--server.port', port, '--store.path', this.folder, '--log.level', 'warn']
    const engine = this.#bring('engine', [source('engine/src/main.ts'), ...args])
    const address = /^\s*API\s+(\S+)/
    const said = await engine.until(({ text = '' }) => address.test(text), {
      what: 'saying where it listens',
      withinMs: PATIENCE_MS,
    })
    const [, url = ''] = address.exec(said.text ?? '') ?? []
    return { engine, url }
  }

  async startService(name: string, engineUrl: string): Promise<Service> {
    const actor = this.#bring(name, [source(`examples/shop/${name}.ts`)], { ROLLCALL_URL: engineUrl })
    const joined = await actor.until(({ state }) => state === 'joined', { what: 'joining', withinMs: PATIENCE_MS })
    const { instanceId = '', url = '', at: joinedAt } = joined
    return { actor, instanceId, url, joinedAt }
  }

  /** Ends everybody at once and removes the data. */
  async clear(): Promise<void> {
    this.#isOver = true
    await Promise.all(this.actors.map((actor) => actor.end('SIGKILL')))
    rmSync(this.folder, { recursive: true, force: true })
  }

  #bring(...[name, args, env]: ConstructorParameters<typeof Actor>): Actor {
    if (this.#isOver) throw new Error('the story is over')
    const actor = new Actor(name, args, env)
    this.actors.push(actor)
    return actor
  }
}

function source(path: string): string {
  return fileURLToPath(new URL(`../../${path}`, import.meta.url))
}
