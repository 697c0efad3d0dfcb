/** A service that takes part in orders: POST /reserve is a branch of the caller's transaction. */
import { setTimeout as wait } from 'node:timers/promises'
import { answering, parentOf, runService } from './service.ts'

const SLOWEST_MS = 40
let left = 1_000_000

const { transactions } = await runService(
  'stock',
  answering(async (url) => {
    await wait(Math.random() * SLOWEST_MS)
    if (url.pathname !== '/reserve') return { left }
    await transactions.withTcc(
      () => {
        left -= 1
      },
      () => undefined,
      () => {
        left += 1
      },
      { name: 'reserve', parent: parentOf(url) },
    )
    return { left }
  }),
)
