import { afterAll, beforeAll } from 'vitest'
import { EngineProcess } from '../conformance/wire/engine-process.ts'
import type { RawAnswer } from '../conformance/wire/http-bytes.ts'
import { send } from './raw-http-probe.ts'

/** A real engine for the tests of a file, in a process of its own, that is sent bytes. */
export interface RawEngine {
  readonly url: URL
  readonly isRunning: boolean
  /** The end of what it has printed. */
  readonly output: string
  /** The only answer to bytes that are one request. */
  answerTo(bytes: Buffer | string): Promise<RawAnswer>
}

/** Gives the tests of the calling file an engine on the memory store. */
export function useRawEngine(): RawEngine {
  let engine: EngineProcess

  beforeAll(async () => {
    engine = await EngineProcess.start(['--store.kind', 'memory', '--environments.free', 'true'])
  })

  afterAll(async () => {
    await engine?.stop()
  })

  return {
    get url() {
      return engine.url
    },
    get isRunning() {
      return engine.isRunning
    },
    get output() {
      return engine.output
    },
    async answerTo(bytes) {
      const { answers } = await send(engine.url, bytes)
      const [answer] = answers
      if (answer === undefined) throw new Error('the connection ended without an answer')
      return answer
    },
  }
}
