/** Where a command writes to. */
export interface Terminal {
  /** Results: what a program would read. */
  out(text: string): void
  /** Everything else. */
  err(text: string): void
  /** What `out` writes to; decides about colours, as do NO_COLOR and FORCE_COLOR. */
  readonly stream: NodeJS.WritableStream
  /** Where progress is drawn; undefined when nobody looks. */
  readonly progressStream?: NodeJS.WritableStream | undefined
}
