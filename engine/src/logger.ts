import { pino } from 'pino'
import type { Log } from './kernel/log.ts'

interface LogOptions {
  /** fatal, error, warn, info, debug, trace or silent. */
  readonly level: string
  /** json: one object per line. pretty: for people. auto: pretty on a terminal. */
  readonly format: 'auto' | 'json' | 'pretty'
}

/** A logger that writes to the standard error stream, so that standard output stays for what people asked for. */
export function createLog({ level, format }: LogOptions): Log {
  const isPretty = format === 'pretty' || (format === 'auto' && process.stderr.isTTY === true)
  const write = isPretty ? (line: string) => void process.stderr.write(pretty(line)) : undefined
  return pino({ level, base: null }, write === undefined ? process.stderr : { write })
}

const LEVEL_NAMES: Readonly<Record<number, string>> = {
  10: 'trace',
  20: 'debug',
  30: 'info',
  40: 'WARN',
  50: 'ERROR',
  60: 'FATAL',
}

/** One line for people: time, level, sentence, then the facts. */
function pretty(line: string): string {
  const { level, time, msg, err, ...facts } = JSON.parse(line) as Record<string, unknown>
  const clock = new Date(Number(time)).toISOString().slice(11, 23)
  const reason = (err as { message?: string } | undefined)?.message
  const parts = Object.entries(facts).map(([name, value]) => `${name}=${JSON.stringify(value)}`)
  if (reason !== undefined) parts.unshift(`— ${reason}`)
  return `${clock} ${LEVEL_NAMES[Number(level)] ?? level} ${msg} ${parts.join(' ')}`.trimEnd().concat('\n')
}
