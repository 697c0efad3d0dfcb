import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process'
import { once } from 'node:events'

const MAIN = new URL('../../../engine/src/main.ts', import.meta.url).pathname
const START_WITHIN_MS = 60_000
const OUTPUT_LENGTH_MAX = 20_000
const ADDRESS = /API\s+(https?:\S+)/

/** Environment variables besides those of the test. */
type Variables = Readonly<Record<string, string>>

/** A real engine in a process of its own, on a port that the system gives it. */
export class EngineProcess {
  readonly #child: ChildProcess
  #url: URL | undefined
  #output = ''
  #wake = () => {}

  private constructor(flags: readonly string[], variables: Variables = {}, prelude: readonly string[] = []) {
    const env = { ...process.env, ...variables }
    const options = { stdio: ['ignore', 'pipe', 'pipe'], env } satisfies SpawnOptions
    const [program = '', ...args] = [...prelude, process.execPath, MAIN, '--server.port', '0', ...flags]
    this.#child = spawn(program, args, options)
    const keep = (chunk: Buffer) => {
      this.#output = (this.#output + chunk.toString()).slice(-OUTPUT_LENGTH_MAX)
      this.#wake()
    }
    this.#child.stdout?.on('data', keep)
    this.#child.stderr?.on('data', keep)
    this.#child.on('exit', () => this.#wake())
  }

  /** Starts an engine with these flags and does not wait for it. */
  static spawn(flags: readonly string[], variables?: Variables): EngineProcess {
    return new EngineProcess(flags, variables)
  }

  /** Starts an engine with these flags and waits until it says where it listens. */
  static async start(flags: readonly string[], variables?: Variables): Promise<EngineProcess> {
    const engine = new EngineProcess(flags, variables)
    await engine.#ready()
    return engine
  }

  /** The same with files that may not grow beyond so many blocks of 512 bytes: as if the disk were full for the largest. */
  static async startLimited(flags: readonly string[], fileBlocks: number): Promise<EngineProcess> {
    const script = `trap '' XFSZ; ulimit -f ${fileBlocks}; exec "$0" "$@"`
    const engine = new EngineProcess(flags, {}, ['sh', '-c', script])
    await engine.#ready()
    return engine
  }

  /** Where it listens, on the loopback. */
  get url(): URL {
    if (this.#url === undefined) throw new Error('the engine has not said yet where it listens')
    return this.#url
  }

  /** The end of what it has printed. */
  get output(): string {
    return this.#output
  }

  get isRunning(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null
  }

  /** How it has ended and the end of what it has printed, for the message of a test. */
  get ending(): string {
    const { exitCode, signalCode } = this.#child
    return `the engine ${this.isRunning ? 'runs' : `has ended with ${signalCode ?? exitCode}`}\n${this.#output}`
  }

  /** Waits until it ends by itself. @returns its exit code */
  async end(): Promise<number | null> {
    if (this.isRunning) await once(this.#child, 'close')
    return this.#child.exitCode
  }

  /** Sends it a signal that does not end it. */
  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal)
  }

  /** Kills it at once, as a crash does. */
  async crash(): Promise<void> {
    await this.#end('SIGKILL')
  }

  /** Asks it to stop. @returns its exit code */
  async stop(): Promise<number | null> {
    await this.#end('SIGTERM')
    return this.#child.exitCode
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    if (!this.isRunning) return
    const exit = once(this.#child, 'exit')
    this.#child.kill(signal)
    await exit
  }

  async #ready(): Promise<void> {
    let isLate = false
    const timer = setTimeout(() => {
      isLate = true
      this.#wake()
    }, START_WITHIN_MS)
    while (this.isRunning && !isLate) {
      const address = ADDRESS.exec(this.#output)?.[1]
      if (address !== undefined) {
        clearTimeout(timer)
        this.#url = new URL(address)
        return
      }
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
    }
    clearTimeout(timer)
    await this.crash()
    throw new Error(`the engine did not start:\n${this.#output}`)
  }
}
