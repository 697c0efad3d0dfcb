import { Histogram } from '../kernel/histogram.ts'

const BOUNDS_SECONDS = [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]

/** What went through one row of the route table. Who looks up a target gets it with the row: counting searches nothing. */
export class RowCount {
  readonly method: string
  readonly path: string
  readonly seconds = new Histogram(BOUNDS_SECONDS)
  readonly statuses: number[] = []
  /** How often, in the order of `statuses`: few, so that looking through them is the fastest. */
  readonly counts: number[] = []

  constructor(method: string, path: string) {
    this.method = method
    this.path = path
  }

  take(status: number, seconds: number): void {
    this.seconds.observe(seconds)
    const index = this.statuses.indexOf(status)
    if (index >= 0) this.counts[index] = (this.counts[index] as number) + 1
    else {
      this.statuses.push(status)
      this.counts.push(1)
    }
  }
}
