/** Characters that come together before a new stretch may begin. */
const STRETCH_CHARACTERS = 1_048_576

interface Stretch {
  readonly from: number
  characters: number
}

/** How much a journal has, and from when on, in stretches: what was kept before a moment is known without looking. */
export class KeptLength {
  #stretches: Stretch[] = []
  #characters = 0

  get characters(): number {
    return this.#characters
  }

  /** @param time when it was kept; what is kept later has no earlier one, or is counted a little late */
  add(time: number, characters: number): void {
    const last = this.#stretches.at(-1)
    this.#characters += characters
    if (last === undefined || (last.characters >= STRETCH_CHARACTERS && time > last.from)) {
      this.#stretches.push({ from: time, characters })
    } else last.characters += characters
  }

  /** A moment before which about half was kept; undefined: none can be told apart. */
  get middle(): number | undefined {
    const [first] = this.#stretches
    let before = 0
    for (const { from, characters } of this.#stretches) {
      if (from > (first?.from ?? 0) && 2 * before >= this.#characters) return from
      before += characters
    }
    const last = this.#stretches.at(-1)
    return last === first ? undefined : last?.from
  }

  /** Tells what is kept from now on apart from all before. */
  split(time: number): void {
    const last = this.#stretches.at(-1)
    if (last !== undefined && last.from < time) this.#stretches.push({ from: time, characters: 0 })
  }

  /** What was kept before a moment that a stretch begins with is gone. */
  dropBefore(time: number): void {
    const kept = this.#stretches.filter(({ from }) => from >= time)
    this.#stretches = kept
    this.#characters = kept.reduce((sum, { characters }) => sum + characters, 0)
  }
}
