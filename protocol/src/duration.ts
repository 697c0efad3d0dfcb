/** Seconds in a unit of Go's durations. */
const UNITS: Readonly<Record<string, number>> = {
  ns: 1e-9,
  us: 1e-6,
  µs: 1e-6,
  μs: 1e-6,
  ms: 1e-3,
  s: 1,
  m: 60,
  h: 3600,
}
const PART = /(\d+\.?\d*|\.\d+)(ns|us|µs|μs|ms|s|m|h)/g
const WHOLE = new RegExp(`^[+]?(?:${PART.source})+$`)

const LIFE_SECONDS_MIN = 15 * 60
const LIFE_SECONDS_MAX = 24 * 3600

/** How long a token lives when the one who signs in does not say. */
export const DEFAULT_TOKEN_LIFE = '12h'

/** The seconds of a token's life such as `1h30m`; undefined when it is no Go duration from 15m to 24h. */
export function tokenLifeSeconds(text: string): number | undefined {
  if (text.length > 64 || !WHOLE.test(text)) return undefined
  let seconds = 0
  for (const [, number, unit = ''] of text.matchAll(PART)) seconds += Number(number) * (UNITS[unit] ?? 0)
  return seconds >= LIFE_SECONDS_MIN && seconds <= LIFE_SECONDS_MAX ? seconds : undefined
}
