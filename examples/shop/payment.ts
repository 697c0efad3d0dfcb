/** A service that sometimes refuses: POST /pay fails for every seventh card. */
import { setTimeout as wait } from 'node:timers/promises'
import { answering, parentOf, runService } from './service.ts'

const SLOWEST_MS = 80
const REFUSED_EVERY = 7
let payments = 0

const { transactions } = await runService(
  'payment',
  answering(async (url) => {
    await wait(Math.random() * SLOWEST_MS)
    await transactions.withTcc(
      () => {
        payments += 1
        if (payments % REFUSED_EVERY === 0) throw new Error('the card is refused')
      },
      () => undefined,
      () => undefined,
      { name: 'pay', parent: parentOf(url) },
    )
    return { payments }
  }),
)
