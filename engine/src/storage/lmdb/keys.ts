export const KEY_BYTES_MAX = 1900
/** A key of so many UTF-16 units is short enough whatever it consists of. */
const UNITS_SURELY_FIT = KEY_BYTES_MAX / 3

/** Whether LMDB can hold the key. Lone halves of surrogate pairs have no UTF-8 form: two keys could become one. */
export function isStorable(key: string): boolean {
  if (!key.isWellFormed()) return false
  return key.length <= UNITS_SURELY_FIT || Buffer.byteLength(key) <= KEY_BYTES_MAX
}
