/** One setting. `kind` says how its text is read. */
export type Setting = { readonly help: string } & (
  | { readonly kind: 'text'; readonly default: string }
  | { readonly kind: 'boolean'; readonly default: boolean }
  | { readonly kind: 'integer' | 'number'; readonly default: number; readonly min: number; readonly max: number }
  | { readonly kind: 'choice'; readonly default: string; readonly choices: readonly string[] }
)
