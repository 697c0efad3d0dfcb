import process from 'node:process'
import { SingleBar } from 'cli-progress'
import type { Terminal } from '../terminal.ts'

/** How far long work has come; drawn on standard error while somebody looks. */
export interface Progress {
  /** More has been done. */
  add(count: number): void
  /** So much more is to be done. */
  expect(count: number): void
  /** Takes the bar away. */
  end(): void
}

interface Asked {
  /** What is being done, for example `Exporting`. */
  readonly label: string
  /** What is counted, for example `instances`. */
  readonly unit: string
  /** How much there is to do, as far as it is known already. */
  readonly total: number
}

/** What ends the command from outside; the default is to end at once, with the cursor still hidden. */
const ENDING = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

const NOTHING: Progress = { add() {}, expect() {}, end() {} }

/** Shows a bar until it is ended. Nothing is shown in a pipe, to programs (`--json`), or in a terminal that cannot. */
export function startProgress({ label, unit, total }: Asked, terminal: Terminal): Progress {
  const { progressStream: stream } = terminal
  if (stream === undefined) return NOTHING
  const bar = new SingleBar({
    stream,
    format: `${label} [{bar}] {percentage}% | {value} of {total} ${unit} | {eta_formatted} left`,
    barCompleteChar: '#',
    barIncompleteChar: '.',
    hideCursor: true,
    clearOnComplete: true,
    // Its own way hears the first Ctrl-C, takes the bar away and lets the work go on.
    gracefulExit: false,
    etaBuffer: 200,
  })
  const end = () => {
    for (const signal of ENDING) process.off(signal, endWith)
    bar.stop()
  }
  const endWith = (signal: NodeJS.Signals) => {
    end()
    process.kill(process.pid, signal)
  }
  for (const signal of ENDING) process.once(signal, endWith)
  let expected = total
  bar.start(expected, 0)
  return {
    add: (count) => bar.increment(count),
    expect(count) {
      expected += count
      bar.setTotal(expected)
    },
    end,
  }
}
