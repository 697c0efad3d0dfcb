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
    gracefulExit: true,
    etaBuffer: 200,
  })
  let expected = total
  bar.start(expected, 0)
  return {
    add: (count) => bar.increment(count),
    expect(count) {
      expected += count
      bar.setTotal(expected)
    },
    end: () => bar.stop(),
  }
}
