import { appendFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { Spread } from './figures.ts'
import type { SceneFigures } from './measure.ts'
import type { Scene } from './scenes.ts'
import { SIGN_IN_SCENE, type SignInFigures } from './sign-in-scene.ts'
import { START_SCENE, type StartFigures } from './start-scene.ts'
import type { WatchFigures, WatchScene } from './watch-scene.ts'

const RESULTS = fileURLToPath(new URL('../results/registry.jsonl', import.meta.url))

/** Bars of the scenes that have no floor. */
const WATCH_P99_MS = { atLeast: 500, aim: 150 }
const START_SECONDS = { atLeast: 3, aim: 1 }
const START_MEGABYTES = { atLeast: 600, aim: 300 }

const number = (value: number, digits = 0): string =>
  value.toLocaleString('en-US', { minimumFractionDigits: digits, maximumFractionDigits: digits })
const percent = (share: number): string => `${Math.round(share * 100)} %`
const around = ({ median, low, high }: Spread, show: (value: number) => string): string =>
  `${show(median)} (${show(low)}–${show(high)})`

export interface Row {
  readonly text: string
  readonly isValid: boolean
}

export function sceneRow(scene: Scene, figures: SceneFigures): Row {
  const { engine, floor, ratio, cpuRatio, ceilingPerSecond } = figures
  const verdict = shareVerdict(ratio.median, scene)
  const lines = [
    `${scene.title}: ${percent(ratio.median)} of ${scene.floor} ` +
      `(half of the pairs ${percent(ratio.low)}–${percent(ratio.high)}); at least ${percent(scene.atLeast)}, aim ${percent(scene.aim)}: ${verdict}`,
    `  engine ${around(engine.perSecond, number)}/s, floor ${around(floor.perSecond, number)}/s, generator's ceiling ${number(ceilingPerSecond)}/s`,
    `  p50 ${number(engine.latency.p50, 2)} ms, p95 ${number(engine.latency.p95, 2)}, p99 ${number(engine.latency.p99, 2)} ` +
      `(floor ${number(floor.latency.p50, 2)}, ${number(floor.latency.p95, 2)}, ${number(floor.latency.p99, 2)}); ` +
      `CPU ${number(engine.cpuMicroseconds.median, 1)} µs a request (floor ${number(floor.cpuMicroseconds.median, 1)}` +
      `${cpuRatio === undefined ? '' : `, ${percent(cpuRatio)}`}); ${engine.megabytes} MB (floor ${floor.megabytes})`,
  ]
  return row(lines, figures)
}

export function watchRow(scene: WatchScene, figures: WatchFigures): Row {
  const { delay, lastWatcherMs, answerMs, cpuMicroseconds, megabytes } = figures
  const verdict = limitVerdict(delay.p99, WATCH_P99_MS)
  const lines = [
    `${scene.title}: p99 ${number(delay.p99)} ms; at most ${WATCH_P99_MS.atLeast} ms, aim ${WATCH_P99_MS.aim} ms: ${verdict}`,
    `  p50 ${number(delay.p50)} ms, max ${number(delay.max)} ms, last watcher ${number(lastWatcherMs)} ms, ` +
      `answer ${number(answerMs, 1)} ms; CPU ${number(cpuMicroseconds, 1)} µs per watcher and change; ${megabytes} MB`,
  ]
  return row(lines, figures)
}

export function startRow(figures: StartFigures): Row {
  const { seconds, emptySeconds, megabytes, settledMegabytes, fillPerSecond } = figures
  const lines = [
    `${START_SCENE.title}: ${number(seconds, 2)} s; at most ${START_SECONDS.atLeast} s, ` +
      `aim ${START_SECONDS.aim} s: ${limitVerdict(seconds, START_SECONDS)}`,
    `  memory ${number(megabytes)} MB, ${number(settledMegabytes)} MB when settled; at most ${START_MEGABYTES.atLeast} MB, ` +
      `aim ${START_MEGABYTES.aim} MB: ${limitVerdict(settledMegabytes, START_MEGABYTES)}`,
    `  empty start ${number(emptySeconds, 2)} s; filled with ${number(fillPerSecond)} registrations/s`,
  ]
  return row(lines, figures)
}

export function signInRow(figures: SignInFigures): Row {
  const { quietP99, busyP99, quietP50, busyP50, signInsMs, busyTurnMs, quietTurnMs } = figures
  const ms = (value: number): string => number(value, 2)
  const lines = [
    `${SIGN_IN_SCENE.title}: p99 ${around(busyP99, ms)} ms, without sign-ins ${around(quietP99, ms)} ms`,
    `  p50 ${around(busyP50, ms)} ms, without ${around(quietP50, ms)} ms; the last token after ${around(signInsMs, number)} ms`,
    `  longest turn ${around(busyTurnMs, ms)} ms of CPU, without ${around(quietTurnMs, ms)} ms`,
  ]
  return row(lines, figures)
}

/** Keeps a run for later comparison. */
export function appendResult(result: object): void {
  appendFileSync(RESULTS, `${JSON.stringify(result)}\n`)
}

function row(lines: readonly string[], faults: { readonly errors: number; readonly firstError: string }): Row {
  const isValid = faults.errors === 0
  const invalid = isValid ? [] : [`  INVALID: ${faults.errors} errors, first: ${faults.firstError}`]
  return { text: [...lines, ...invalid].join('\n'), isValid }
}

interface Bars {
  readonly atLeast: number
  readonly aim: number
}

function shareVerdict(share: number, { atLeast, aim }: Bars): string {
  if (share >= aim) return 'reaches the aim'
  return share >= atLeast ? 'holds the bar' : 'BELOW THE BAR'
}

function limitVerdict(value: number, { atLeast, aim }: Bars): string {
  if (value <= aim) return 'reaches the aim'
  return value <= atLeast ? 'holds the bar' : 'ABOVE THE BAR'
}
