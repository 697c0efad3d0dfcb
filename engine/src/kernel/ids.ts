import { createHash, randomBytes } from 'node:crypto'
import type { Clock } from './clock.ts'

/** Source of new ids; passed in, so that tests can foresee them. */
export type NewId = () => string

const BATCH = 128
const ID_BYTES = 16
const TIME_BYTES = 6
let pool = Buffer.alloc(0)
let used = 0

/**
 * Ids of 32 lower-case hex digits, the form of Service Center's instance ids: the time in milliseconds, then 80 random
 * bits. Ids that are made one after the other are neighbours in the store, so a commit of many touches few pages.
 */
export function newIdsBy(clock: Clock): NewId {
  return () => {
    if (used >= pool.length) {
      pool = randomBytes(BATCH * ID_BYTES)
      used = 0
    }
    const start = used
    used += ID_BYTES
    pool.writeUIntBE(clock.now(), start, TIME_BYTES)
    return pool.toString('hex', start, used)
  }
}

/** MD5 of a text as 32 lower-case hex digits: Service Center's name for the content of contracts. */
export function md5(text: string): string {
  return createHash('md5').update(text).digest('hex')
}

/** SHA-1 of a text as 40 lower-case hex digits: a name for content, not a protection. */
export function sha1(text: string): string {
  return createHash('sha1').update(text).digest('hex')
}
