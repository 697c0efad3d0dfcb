/** What the engine needs of a logger: facts first, then a fixed sentence to search for. */
export interface Log {
  error(facts: object, sentence: string): void
  warn(facts: object, sentence: string): void
  info(facts: object, sentence: string): void
}
