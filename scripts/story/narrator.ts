import { styleText } from 'node:util'

/** Tells the story on standard output, each line with the seconds since it began. */
export class Narrator {
  readonly #startedAt = performance.now()
  #failures = 0
  #hasProgress = false

  get failures(): number {
    return this.#failures
  }

  chapter(title: string): void {
    this.#line(`\n${styleText('bold', title)}`)
  }

  tell(sentence: string): void {
    this.#line(`  ${this.#time()}  ${sentence}`)
  }

  /** Something that was to be so: tells whether it is. */
  claim(isSo: boolean, sentence: string): void {
    if (!isSo) this.#failures++
    this.#line(`  ${this.#time()}  ${isSo ? styleText('green', '✔') : styleText('red', '✘')} ${sentence}`)
  }

  /** What one waits for; on a terminal each replaces the one before. */
  progress(text: string): void {
    if (!process.stdout.isTTY) {
      this.tell(text)
      return
    }
    process.stdout.write(`\r\u001b[K  ${this.#time()}  ${styleText('gray', text)}`)
    this.#hasProgress = true
  }

  #time(): string {
    const seconds = (performance.now() - this.#startedAt) / 1000
    return styleText('gray', `${seconds.toFixed(1).padStart(5)} s`)
  }

  #line(text: string): void {
    if (this.#hasProgress) process.stdout.write('\r\u001b[K')
    this.#hasProgress = false
    process.stdout.write(`${text}\n`)
  }
}

/** Milliseconds as people read them. */
export function span(ms: number): string {
  return ms < 1000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(1)} s`
}

/** How one moment lies to another, in words: `2 ms before`, because news may outrun the answer to what caused it. */
export function relation(ms: number): string {
  return `${span(Math.abs(ms))} ${ms < 0 ? 'before' : 'after'}`
}
