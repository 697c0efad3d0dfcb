/** How the command ends; scripts may rely on these. `serve` has the engine's own: see `rollcall serve --help`. */
export const EXIT = {
  ok: 0,
  usage: 1,
  unavailable: 2,
  refused: 3,
  defect: 70,
} as const
