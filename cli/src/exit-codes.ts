/** How the command ends; scripts may rely on these. `serve` has the engine's own: see `rollcall serve --help`. */
export const EXIT = {
  ok: 0,
  usage: 1,
  unavailable: 2,
  refused: 3,
  findings: 4,
  file: 5,
  defect: 70,
} as const

/** What they mean, for help and the reference page. */
export const EXIT_MEANINGS: readonly (readonly [code: number, meaning: string])[] = [
  [EXIT.ok, 'done'],
  [EXIT.usage, 'wrong usage; the message says what is right'],
  [EXIT.unavailable, 'no engine answers, or it went away'],
  [EXIT.refused, 'refused by the engine, or not there; the code is in the message'],
  [EXIT.findings, 'doctor: something is to be put right; import --dry-run: something would change'],
  [EXIT.file, 'a file or folder cannot be used: damaged, foreign, in use, no space, no permission'],
  [EXIT.defect, 'a defect of this command'],
]
