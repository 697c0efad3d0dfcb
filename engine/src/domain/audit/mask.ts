import { AUDIT_STATE_LENGTH_MAX } from '../../kernel/limits.ts'

const MASK = '[secret]'

/** Words that stand in the names of what must not be shown. How long tokens live may be. */
const WORDS =
  'pass[-_. ]?(?:w|phrase|code)|pwd|secret|token(?!expiration)|credential|(?:private|access|api|signing)[-_. ]?key|authorization'
const NAME = new RegExp(WORDS, 'i')

/** What gives itself away wherever it stands: `password=…` inside a text, `//user:password@`, tokens, and keys. */
const IN_TEXT = new RegExp(
  String.raw`(?:${WORDS})[\w.-]{0,64}["'\\]*\s*[:=]|//[^/\s:@]*:[^/\s@]*@|\b(?:bearer|basic)\s+[\w+/=.-]{16}|\beyJ[\w-]{16}|-----BEGIN `,
  'i',
)

/**
 * What stands, in small letters, in every text that either expression finds something in. Most texts have none of it, and
 * looking for it takes a fraction of the time: a registration has its document looked through. Each is the part of a word
 * that begins with its rarest letter, for that is what is looked for first.
 */
const SIGNS = ['pass', 'wd', 'cret', 'ken', 'dent', 'key', 'zation', '@', 'bear', 'basic', 'yj', '--be']

/** A JSON text with every secret in it replaced; the very same text when there is none. */
export function masked(text: string): string {
  if (!mayHoldSecret(text)) return text
  return JSON.stringify(JSON.parse(text), (name, value) => (name !== '' && isSecret(name, value) ? MASK : shown(value)))
}

/** A text of somebody with every secret in it replaced. */
export function maskedText(text: string): string {
  return hasSign(text) && IN_TEXT.test(text) ? MASK : text
}

/** A JSON text that is not too long to be kept: of a longer one the beginning, as a text. */
export function cut(text: string): string {
  if (text.length <= AUDIT_STATE_LENGTH_MAX) return text
  return JSON.stringify({ length: text.length, beginning: text.slice(0, AUDIT_STATE_LENGTH_MAX) })
}

function mayHoldSecret(text: string): boolean {
  return hasSign(text) && (NAME.test(text) || IN_TEXT.test(text))
}

function hasSign(text: string): boolean {
  if (text === '') return false
  const small = text.toLowerCase()
  return SIGNS.some((sign) => small.includes(sign))
}

/** Switches and empty values give nothing away, and show that a secret is set or not. */
function isSecret(name: string, value: unknown): boolean {
  return NAME.test(name) && value !== '' && value !== null && typeof value !== 'boolean'
}

function shown(value: unknown): unknown {
  return typeof value === 'string' ? maskedText(value) : value
}
