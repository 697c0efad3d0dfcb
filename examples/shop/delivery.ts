/** A service that now and then never answers: some parcels of POST /deliver are lost, and their orders get stuck. */
import { answering, runService } from './service.ts'

const LOST_EVERY = 10
/** Orders that wait for a lost parcel at the same time. */
const LOST_MAX = 3

let parcels = 0
let lost = 0

await runService('delivery', (request, response) => {
  parcels += 1
  if (parcels % LOST_EVERY === 0 && lost < LOST_MAX) {
    lost += 1
    // The caller gives up after some minutes; then another one may be lost.
    response.once('close', () => {
      lost -= 1
    })
    return
  }
  answering(async () => ({ parcels }))(request, response)
})
