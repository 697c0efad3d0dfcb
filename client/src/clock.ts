/** Stops what it stands for; stopping twice is harmless. */
export interface Timer {
  stop(): void
}

/** The only source of time in the SDK; a test may hold it in its hand. */
export interface Clock {
  /** Wall time in milliseconds since the Unix epoch; may jump when an operator sets the machine's clock. */
  now(): number
  /** Milliseconds since some fixed moment; never jumps and never runs backwards. */
  monotonic(): number
  /** Calls `run` once, after `delayMs`. Never keeps the process alive by itself. */
  after(delayMs: number, run: () => void): Timer
}

/** The machine's clock. */
export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  after(delayMs, run) {
    const timer = setTimeout(run, delayMs)
    timer.unref()
    return { stop: () => clearTimeout(timer) }
  },
}
