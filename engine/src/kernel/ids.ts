import { createHash, randomBytes } from 'node:crypto'

/** Source of new ids; passed in, so that tests can foresee them. */
export type NewId = () => string

const BATCH = 128
const ID_BYTES = 16
let pool = Buffer.alloc(0)
let used = 0

/** A random id of 32 lower-case hex digits, the form of Service Center's instance ids. */
export const randomId: NewId = () => {
  if (used >= pool.length) {
    pool = randomBytes(BATCH * ID_BYTES)
    used = 0
  }
  used += ID_BYTES
  return pool.toString('hex', used - ID_BYTES, used)
}

/** MD5 of a text as 32 lower-case hex digits: Service Center's name for the content of contracts. */
export function md5(text: string): string {
  return createHash('md5').update(text).digest('hex')
}

/** SHA-1 of a text as 40 lower-case hex digits: a name for content, not a protection. */
export function sha1(text: string): string {
  return createHash('sha1').update(text).digest('hex')
}
