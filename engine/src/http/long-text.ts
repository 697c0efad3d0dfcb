import { LONG_TEXT_PIECE_LENGTH } from '../kernel/limits.ts'
import { Pace } from '../kernel/pace.ts'

/** A long body, put together piece by piece, so that nobody else has to wait until it is done. */
export class LongText {
  readonly #pieces: Buffer[] = []
  readonly #pace = new Pace()
  #waiting = ''

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
  async addListOrNull(texts: Iterable<string>): Promise<void> {
    this.add((await this.addList(texts, '[')) ? ']' : 'null')
  }

  /** The whole, in UTF-8. */
  bytes(): Buffer {
    this.#encode()
    return Buffer.concat(this.#pieces)
  }

  #encode(): void {
    this.#pieces.push(Buffer.from(this.#waiting))
    this.#waiting = ''
  }
}
