import { EngineProcess } from '../conformance/wire/engine-process.ts'
import { SeededRandom } from './crash-random.ts'
import { CrashWriter } from './crash-writer.ts'

export interface CrashPlan {
  readonly rounds: number
  readonly seed: number
  /** Flags that tell the engine where its store is; the same in every round. */
  readonly flags: readonly string[]
  /** No round begins after this time. */
  readonly secondsMax?: number
  /** Told of every round. */
  readonly onRound: (line: string) => void
}

/** What all rounds came to. A run that ends without an error has lost nothing and found nothing half done. */
export interface CrashSummary {
  readonly seed: number
  readonly rounds: number
  readonly kills: number
  readonly acknowledged: number
  /** Writes under way at a kill that survived it. */
  readonly inFlightThere: number
  readonly inFlightNotThere: number
  readonly seconds: number
}

const WRITERS = 32
const WRITE_MS_MAX = 700
const START_MS_MAX = 400
const KILL_AT_START_CHANCE = 0.2

/** Stops an engine in order while it is written to. @returns its exit code; what it acknowledged has been checked */
export async function stopWhileWriting(flags: readonly string[], afterMs: number): Promise<number | null> {
  const writers = newWriters(new SeededRandom(1))
  const engine = await EngineProcess.start(flags)
  const writing = Promise.all(writers.map((writer) => writer.writeOn(engine.url)))
  await Promise.race([writing, new Promise((resolve) => setTimeout(resolve, afterMs))])
  const code = await engine.stop()
  await writing
  const next = await EngineProcess.start(flags)
  try {
    await Promise.all(writers.map((writer) => writer.check(next.url)))
  } finally {
    await next.crash()
  }
  return code
}

function newWriters(random: SeededRandom): CrashWriter[] {
  return Array.from({ length: WRITERS }, (_, index) => {
    return new CrashWriter(`crash-${index}`, new SeededRandom(random.between(0, 2 ** 31)))
  })
}

/**
 * Starts an engine on one folder again and again, writes over many connections, kills it at a random moment, and
 * compares what the next one has with what was acknowledged.
 */
export async function runCrashRounds(plan: CrashPlan): Promise<CrashSummary> {
  const { rounds: roundsMax, seed, flags, secondsMax = Number.POSITIVE_INFINITY, onRound } = plan
  const random = new SeededRandom(seed)
  const writers = newWriters(random)
  const startedAt = performance.now()
  const counts = { kills: 0, inFlightThere: 0, inFlightNotThere: 0 }
  const seconds = () => Math.round((performance.now() - startedAt) / 100) / 10
  let engine = await EngineProcess.start(flags)
  let rounds = 0
  try {
    while (rounds < roundsMax && seconds() < secondsMax) {
      rounds++
      const writeMs = random.between(0, WRITE_MS_MAX)
      await killWhileWriting(engine, writers, writeMs)
      counts.kills++
      if (random.next() < KILL_AT_START_CHANCE) {
        await killAtStart(flags, random.between(0, START_MS_MAX))
        counts.kills++
      }
      engine = await EngineProcess.start(flags)
      const outcomes = await Promise.all(writers.map((writer) => writer.check(engine.url)))
      const there = outcomes.filter((outcome) => outcome === 'there').length
      const notThere = outcomes.filter((outcome) => outcome === 'not there').length
      counts.inFlightThere += there
      counts.inFlightNotThere += notThere
      onRound(
        `round ${rounds}: killed after ${writeMs} ms, ${total(writers)} acknowledged so far, ` +
          `in flight ${there} there and ${notThere} not`,
      )
    }
  } catch (cause) {
    throw new Error(`seed ${seed}: ${cause instanceof Error ? cause.message : cause}\n${engine.output}`, { cause })
  } finally {
    await engine.crash()
  }
  return { seed, rounds, ...counts, acknowledged: total(writers), seconds: seconds() }
}

function total(writers: readonly CrashWriter[]): number {
  return writers.reduce((sum, { acknowledged }) => sum + acknowledged, 0)
}

async function killWhileWriting(
  engine: EngineProcess,
  writers: readonly CrashWriter[],
  afterMs: number,
): Promise<void> {
  const writing = Promise.all(writers.map((writer) => writer.writeOn(engine.url)))
  // The kill is at a random moment by intention; a refused write ends the wait early.
  await Promise.race([writing, new Promise((resolve) => setTimeout(resolve, afterMs))])
  await engine.crash()
  await writing
}

async function killAtStart(flags: readonly string[], afterMs: number): Promise<void> {
  const engine = EngineProcess.spawn(flags)
  await new Promise((resolve) => setTimeout(resolve, afterMs))
  await engine.crash()
}
