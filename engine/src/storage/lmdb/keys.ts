export const KEY_BYTES_MAX = 1900
/** A key of so many UTF-16 units is short enough whatever it consists of. */
const UNITS_SURELY_FIT = KEY_BYTES_MAX / 3
const BYTES_OF_A_CHARACTER = 4

/** Whether LMDB can hold the key. Lone halves of surrogate pairs have no UTF-8 form: two keys could become one. */
export function isStorable(key: string): boolean {
  if (key === '' || !key.isWellFormed()) return false
  return key.length <= UNITS_SURELY_FIT || Buffer.byteLength(key) <= KEY_BYTES_MAX
}

/** Whether a key that LMDB can hold may begin so. */
export function isPrefix(text: string): boolean {
  return text === '' || isStorable(text)
}

/** Keys as their UTF-8 bytes. What lmdb does by itself gives long texts with control characters back as something else. */
export const KEY_ENCODER = {
  writeKey(key: string, target: Buffer, start: number): number {
    const end = start + target.write(key, start)
    // Cut off for want of room, it may be: the error has lmdb take a larger buffer.
    if (end > target.length - BYTES_OF_A_CHARACTER) throw new RangeError('a key does not fit')
    return end
  },
  readKey: (source: Buffer, start: number, end: number): string => source.toString('utf8', start, end),
}
