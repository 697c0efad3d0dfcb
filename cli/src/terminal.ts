/** Where a command writes to. */
export interface Terminal {
  /** Results: what a program would read. */
  out(text: string): void
  /** Everything else. */
  err(text: string): void
  /** What `out` writes to; decides about colours, as do NO_COLOR and FORCE_COLOR. */
  readonly stream: NodeJS.WritableStream
}
