const HEAD_BYTES_MAX = 4096
const HEAD_END = '\r\n\r\n'
const LENGTH_NAME = 'content-length:'

/** Counts whole HTTP answers in a stream of bytes, knowing no more than the status line and Content-Length. */
export class ResponseReader {
  readonly #onAnswer: (status: number) => void
  #head: Buffer | undefined
  #bodyBytesLeft = 0
  #status = 0

  /** @param onAnswer called when the last byte of an answer is there */
  constructor(onAnswer: (status: number) => void) {
    this.#onAnswer = onAnswer
  }

  /** @throws Error when the bytes are no answer of a kind that it knows */
  take(bytes: Buffer): void {
    let rest = bytes
    while (rest.length > 0) {
      if (this.#bodyBytesLeft === 0) {
        const body = this.#takeHead(rest)
        if (body === undefined) return
        rest = body
      }
      const taken = Math.min(rest.length, this.#bodyBytesLeft)
      this.#bodyBytesLeft -= taken
      if (this.#bodyBytesLeft === 0) this.#onAnswer(this.#status)
      if (taken === rest.length) return
      rest = rest.subarray(taken)
    }
  }

  /** What follows the head, or undefined while the head is incomplete. */
  #takeHead(bytes: Buffer): Buffer | undefined {
    const head = this.#head === undefined ? bytes : Buffer.concat([this.#head, bytes])
    const text = head.toString('latin1', 0, Math.min(head.length, HEAD_BYTES_MAX))
    const end = text.indexOf(HEAD_END)
    if (end < 0) {
      if (head.length >= HEAD_BYTES_MAX) throw new Error(`no end of the head in ${HEAD_BYTES_MAX} bytes`)
      this.#head = Buffer.from(head)
      return undefined
    }
    this.#head = undefined
    this.#status = Number(text.slice(9, 12))
    this.#bodyBytesLeft = bodyLength(text.slice(0, end), this.#status)
    const body = head.subarray(end + HEAD_END.length)
    if (this.#bodyBytesLeft === 0) {
      this.#onAnswer(this.#status)
      return body.length === 0 ? undefined : this.#takeHead(body)
    }
    return body.length === 0 ? undefined : body
  }
}

function bodyLength(head: string, status: number): number {
  if (status === 304 || status === 204) return 0
  const exact = head.indexOf('Content-Length:')
  const start = exact >= 0 ? exact : head.toLowerCase().indexOf(LENGTH_NAME)
  if (!head.startsWith('HTTP/1.1 ') || start < 0) throw new Error(`an answer of unknown length: ${head}`)
  return Number.parseInt(head.slice(start + LENGTH_NAME.length, start + LENGTH_NAME.length + 12), 10)
}
