import { expect, test } from 'vitest'
import { fuzzRound } from './fuzz/fuzz-round.ts'

const ROUNDS = 4
const REQUESTS = 500
const TIMEOUT_MS = 300_000
/** Of about 150: a round in which hardly anything works would prove little. */
const SUCCEEDED_MIN = 60

const seeds = Array.from({ length: ROUNDS }, () => Math.floor(Math.random() * 2 ** 31))

test.each(seeds)(
  `${REQUESTS} made-up requests: documented answers, and no change by what is refused (seed %i)`,
  { timeout: TIMEOUT_MS },
  async (seed) => {
    const { sent, byStatus, succeeded } = await fuzzRound({ count: REQUESTS, seed })
    console.log(
      `seed ${seed}: ${JSON.stringify(byStatus)}; again with: npm run fuzz -- --count ${REQUESTS} --seed ${seed}`,
    )
    expect(sent).toBe(REQUESTS)
    expect(succeeded.size).toBeGreaterThan(SUCCEEDED_MIN)
  },
)
