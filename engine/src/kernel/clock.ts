/** Stops what it stands for; stopping twice is harmless. */
export interface Stoppable {
  stop(): void
}

/**
 * The only source of time in the engine. Everything that waits, expires or stamps takes a clock, so that a test
 * can hold time in its hand (see manual-clock.ts).
 */
export interface Clock {
  /** Wall time in milliseconds since the Unix epoch; may jump when an operator sets the machine's clock. */
  now(): number
  /** Milliseconds since some fixed moment; never jumps and never runs backwards. Deadlines use this one. */
  monotonic(): number
  /** Calls `run` about every `periodMs`. Never keeps the process alive by itself. */
  every(periodMs: number, run: () => void): Stoppable
  /** Calls `run` once, after `delayMs`. Never keeps the process alive by itself. */
  after(delayMs: number, run: () => void): Stoppable
}

/** The machine's clock. */
export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  every(periodMs, run) {
    const timer = setInterval(run, periodMs)
    timer.unref()
    return { stop: () => clearInterval(timer) }
  },
  after(delayMs, run) {
    const timer = setTimeout(run, delayMs)
    timer.unref()
    return { stop: () => clearTimeout(timer) }
  },
}
