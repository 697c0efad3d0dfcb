import { tokenLifeSeconds } from './duration.ts'
import type { Pattern } from './shape.ts'

const regexp = (expression: RegExp, text = expression.source): Pattern => ({
  text,
  expression: expression.source,
  test: (value) => expression.test(value),
})

const VERSION_PART_MAX = 32_767

/** Up to four numbers joined by dots, each 0 to 32767. */
function isVersion(value: string): boolean {
  return /^\d+(\.\d+){0,3}$/.test(value) && value.split('.').every((part) => Number(part) <= VERSION_PART_MAX)
}

const RANGE = /^(\d+(\.\d+){0,2}\+?|\d+(\.\d+){0,2}-\d+(\.\d+){0,2}|latest)?$/
const FIND_RANGE = /^(\d+(\.\d+){0,3}\+?|\d+(\.\d+){0,3}-\d+(\.\d+){0,3}|latest)?$/

/** Version rule: exact, at least (`1.0+`), half-open range (`1.0-2.0`), `latest` or empty. */
const versionRule = (form: RegExp): Pattern => ({
  text: "the form x[.y[.z]] or x[.y[.z]]+ or x[.y[.z]]-x[.y[.z]] or 'latest' where x y and z are 0-32767 range",
  test: (value) =>
    form.test(value) && value.split(/[.+-]/).every((part) => part === 'latest' || Number(part) <= VERSION_PART_MAX),
})

const PASSWORD_PARTS = [/\p{Lu}/u, /\p{Ll}/u, /\p{N}/u, /[\p{P}\p{S}]/u]

/** Long enough, short enough, and of four kinds of characters. */
function isPassword(value: string): boolean {
  const bytes = new TextEncoder().encode(value).length
  return bytes >= 8 && bytes <= 32 && PASSWORD_PARTS.every((part) => part.test(value))
}

/**
 * The patterns of Service Center's validators, printed in refusals exactly as it prints them
 * (Apache ServiceComb Service Center, server/service/validator).
 */
export const PATTERNS = {
  name: regexp(/^[a-zA-Z0-9]*$|^[a-zA-Z0-9][a-zA-Z0-9_\-.]*[a-zA-Z0-9]$/),
  findName: regexp(/^[a-zA-Z0-9]*$|^[a-zA-Z0-9][a-zA-Z0-9_\-.:]*[a-zA-Z0-9]$/),
  version: { text: 'the form x[.y[.z]] where x y and z are 0-32767 range', test: isVersion },
  versionRule: versionRule(RANGE),
  /** The same in a find, where clients send versions of four parts too. */
  findVersionRule: versionRule(FIND_RANGE),
  path: regexp(/^[A-Za-z0-9.,?'\\/+&amp;%$#=~_\-@{}]*$/, String.raw`^[A-Za-z0-9.,?'\\/+&amp;%$#=~_\-@{}]*$`),
  level: regexp(/^(FRONT|MIDDLE|BACK)$/),
  serviceStatus: regexp(/^(UP|DOWN)?$/),
  serviceId: regexp(/^\S*$/),
  serviceIdOfBatch: regexp(/^\S{1,64}$/),
  alias: regexp(/^[a-zA-Z0-9_\-.:]*$/),
  registerBy: regexp(/^(SDK|SIDECAR|PLATFORM)*$/),
  environment: regexp(/^(development|testing|acceptance|production)*$/),
  /** It becomes part of a key in the store, so it holds no slash. */
  environmentId: regexp(/^[^\s/]*$/),
  schemaId: regexp(/^[a-zA-Z0-9]{1,160}$|^[a-zA-Z0-9][a-zA-Z0-9_\-.]{0,158}[a-zA-Z0-9]$/),
  schemaRef: regexp(/^[a-zA-Z0-9]+$|^[a-zA-Z0-9][a-zA-Z0-9_\-.]*[a-zA-Z0-9]$/),
  summary: regexp(/^[a-zA-Z0-9]*$/),
  tag: regexp(/^[a-zA-Z][a-zA-Z0-9_\-.]{0,63}$/),
  instanceStatus: regexp(/^(UP|DOWN|STARTING|TESTING|OUTOFSERVICE)?$/),
  newInstanceStatus: regexp(/^(UP|DOWN|STARTING|TESTING|OUTOFSERVICE)$/),
  healthCheckMode: regexp(/^(push|pull)$/),
  noSpace: regexp(/^\S*$/),
  someText: regexp(/\S+/),
  instanceId: regexp(/^[A-Za-z0-9_.-]*$/),
  quotaResource: regexp(/^(service|instance|schema|tag|account|role)$/),
  accountStatus: regexp(/^(active|inactive)$|^$/),
  password: {
    text: '8 to 32 bytes with an upper-case letter, a lower-case letter, a digit and a sign',
    test: isPassword,
  },
  tokenLife: { text: 'TokenExpirationTime', test: (value) => tokenLifeSeconds(value) !== undefined },
  labelPart: regexp(/^[^\n]{0,160}$/),
  dataCenter: regexp(/^[A-Za-z0-9_.-]+$/),
} as const satisfies Record<string, Pattern>
