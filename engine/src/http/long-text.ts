import { LONG_TEXT_PIECE_LENGTH } from '../kernel/limits.ts'
import { Pace } from '../kernel/pace.ts'

/** UTF-8 needs no more for a character of a text (a pair of surrogates, two of them, needs four). */
const BYTES_PER_CHARACTER_MAX = 3

/** A long body, put together piece by piece, so that nobody else has to wait until it is done. */
export class LongText {
  readonly #pace = new Pace()
  /** Not encoded yet. */
  #waiting = ''
  /** What is encoded, with room behind it; grows by doubling, so that no step copies everything. */
  #bytes = Buffer.alloc(0)
  #length = 0

  /** Appends a text. */
  add(text: string): void {
    this.#waiting += text
    if (this.#waiting.length >= LONG_TEXT_PIECE_LENGTH) this.#encode()
  }

  /** Appends `opening` and then the texts with commas between them, if there are any. @returns whether there are */
  async addList(texts: Iterable<string> | AsyncIterable<string>, opening = ''): Promise<boolean> {
    let isAny = false
    for await (const text of texts) {
      this.add(isAny ? ',' : opening)
      this.add(text)
      isAny = true
      const pause = this.#pace.step()
      if (pause !== undefined) await pause
    }
    return isAny
  }

  /** Appends the texts as a JSON list, or null when there is none. */
  async addListOrNull(texts: Iterable<string> | AsyncIterable<string>): Promise<void> {
    this.add((await this.addList(texts, '[')) ? ']' : 'null')
  }

  /** The whole, in UTF-8. */
  bytes(): Buffer {
    this.#encode()
    return this.#bytes.subarray(0, this.#length)
  }

  #encode(): void {
    const needed = this.#length + this.#waiting.length * BYTES_PER_CHARACTER_MAX
    if (needed > this.#bytes.length) {
      const larger = Buffer.allocUnsafeSlow(Math.max(needed, this.#bytes.length * 2))
      this.#bytes.copy(larger, 0, 0, this.#length)
      this.#bytes = larger
    }
    this.#length += this.#bytes.write(this.#waiting, this.#length)
    this.#waiting = ''
  }
}
