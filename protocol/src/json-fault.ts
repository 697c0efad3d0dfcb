/** Why a text is not JSON, and where. */
export interface JsonFault {
  readonly reason: string
  /** Characters before the fault. */
  readonly offset: number
}

type Awaited =
  /** `first` of a list may be its end. */
  | 'value'
  | 'first value'
  | 'name'
  | 'first name'
  | 'colon'
  /** A comma or the end of what is open. */
  | 'more'

const SPACE = /[ \t\n\r]*/y
const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y
const LITERAL = /true|false|null/y
const PARTIAL_LITERAL = /t(?:r(?:u)?)?|f(?:a(?:l(?:s)?)?)?|n(?:u(?:l)?)?/y
const ESCAPE = /\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})/y
const END = 'Unexpected end-of-input'

/**
 * Finds the first place where a text stops being JSON; undefined when it is JSON. The parser of the platform says why
 * it refuses, but not always where, and people look for the line.
 */
export function findJsonFault(text: string): JsonFault | undefined {
  return new Scanner(text).scan()
}

/** Line and column of an offset; the end of the text counts as its last character, so an empty text has column 0. */
export function placeOf(text: string, offset: number): { readonly line: number; readonly column: number } {
  const before = text.slice(0, offset)
  const line = before.split('\n').length
  const column = offset - (before.lastIndexOf('\n') + 1)
  return { line, column: offset < text.length ? column + 1 : column }
}

class Scanner {
  readonly #text: string
  /** `{` and `[` that are open. */
  readonly #open: string[] = []
  #at = 0
  #awaited: Awaited = 'value'

  constructor(text: string) {
    this.#text = text
  }

  scan(): JsonFault | undefined {
    this.#skip(SPACE)
    if (this.#at === this.#text.length) return { reason: 'No content to map due to end-of-input', offset: this.#at }
    for (;;) {
      if (this.#at === this.#text.length) return this.#isWhole() ? undefined : { reason: END, offset: this.#at }
      if (!this.#step()) return this.#fault()
      this.#skip(SPACE)
    }
  }

  #isWhole(): boolean {
    return this.#open.length === 0 && this.#awaited === 'more'
  }

  #fault(): JsonFault {
    const character = this.#text[this.#at]
    if (character === undefined) return { reason: END, offset: this.#at }
    const shown = character < ' ' ? `code ${character.charCodeAt(0)}` : `'${character}'`
    return { reason: `Unexpected character (${shown})`, offset: this.#at }
  }

  /** Goes past one token. @returns whether it may stand here; if not, the position is that of the fault */
  #step(): boolean {
    const character = this.#text[this.#at] ?? ''
    switch (this.#awaited) {
      case 'colon':
        return character === ':' && this.#pass('value')
      case 'more':
        return this.#more(character)
      case 'name':
        return character === '"' && this.#string() && this.#await('colon')
      case 'first name':
        if (character === '}') return this.#close()
        return character === '"' && this.#string() && this.#await('colon')
      case 'first value':
        return character === ']' ? this.#close() : this.#value(character)
      case 'value':
        return this.#value(character)
    }
  }

  #more(character: string): boolean {
    const open = this.#open.at(-1)
    if (open === undefined) return false
    if (character === ',') return this.#pass(open === '{' ? 'name' : 'value')
    return character === (open === '{' ? '}' : ']') && this.#close()
  }

  #value(character: string): boolean {
    if (character === '{' || character === '[') {
      this.#open.push(character)
      return this.#pass(character === '{' ? 'first name' : 'first value')
    }
    if (character === '"') return this.#string() && this.#await('more')
    if (this.#skip(NUMBER) || this.#skip(LITERAL)) return this.#await('more')
    this.#skip(PARTIAL_LITERAL)
    return false
  }

  #string(): boolean {
    const text = this.#text
    for (this.#at += 1; this.#at < text.length; ) {
      const code = text.charCodeAt(this.#at)
      if (code === 0x22) {
        this.#at += 1
        return true
      }
      if (code < 0x20) return false
      if (code !== 0x5c) this.#at += 1
      else if (!this.#skip(ESCAPE)) return false
    }
    return false
  }

  #close(): boolean {
    this.#open.pop()
    return this.#pass('more')
  }

  #pass(next: Awaited): boolean {
    this.#at += 1
    return this.#await(next)
  }

  #await(next: Awaited): boolean {
    this.#awaited = next
    return true
  }

  #skip(token: RegExp): boolean {
    token.lastIndex = this.#at
    const length = token.exec(this.#text)?.[0].length ?? 0
    this.#at += length
    return length > 0
  }
}
