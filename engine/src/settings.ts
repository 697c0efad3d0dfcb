import { fileList } from './kernel/file-list.ts'
import { readSettingsFile } from './settings/file.ts'
import { fromEnvironment, fromFlags } from './settings/origins.ts'
import type { Given, Problem } from './settings/parse.ts'
import { parseValue, suggestion } from './settings/parse.ts'
import type { Settings } from './settings/slices.ts'
import type { SettingName } from './settings/table.ts'
import { SETTINGS } from './settings/table.ts'

export type { Settings } from './settings/slices.ts'

/** Settings that cannot be used; the message has one sentence per problem. */
export class SettingsError extends Error {
  override readonly name = 'SettingsError'
}

/**
 * Reads the settings of this process: flags win over environment, environment over file, file over defaults.
 * @param argv arguments after the program's name
 * @throws SettingsError naming every unknown or wrong setting, where it came from, and what is allowed
 */
export function loadSettings(argv: readonly string[], env: Readonly<Record<string, string | undefined>>): Settings {
  const problems: Problem[] = []
  const flags = fromFlags(argv, problems)
  const environment = fromEnvironment(env, problems)
  const path = flags.config ?? env.ROLLCALL_CONFIG
  const file = readSettingsFile(path, problems)
  const values = new Map<SettingName, unknown>()
  for (const given of [...file, ...environment, ...flags.given]) take(given, values, problems)
  checkExposure(values, problems)
  checkQuotaService(values, problems)
  checkPolicyStore(values, problems)
  checkTls(values, problems)
  if (problems.length > 0) throw new SettingsError(problems.map(({ sentence }) => sentence).join('\n'))
  return freeze(values)
}

const SEE_HELP = 'Allowed are the settings that --help lists.'

function take({ name, text, origin }: Given, values: Map<SettingName, unknown>, problems: Problem[]): void {
  if (!Object.hasOwn(SETTINGS, name)) {
    problems.push({
      sentence: `Unknown setting ${name} (${origin}).${suggestion(name, Object.keys(SETTINGS))} ${SEE_HELP}`,
    })
    return
  }
  const known = name as SettingName
  const parsed = parseValue(SETTINGS[known], text)
  if ('value' in parsed) values.set(known, parsed.value)
  else problems.push({ sentence: `Setting ${name} (${origin}) is '${text}', but must be ${parsed.expected}.` })
}

const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|::1)$/

/** Beyond this machine nobody may be served by accident. */
function checkExposure(values: ReadonlyMap<SettingName, unknown>, problems: Problem[]): void {
  const host = String(values.get('server.host') ?? SETTINGS['server.host'].default)
  const mode = values.get('auth.mode') ?? SETTINGS['auth.mode'].default
  if (LOOPBACK.test(host) || mode !== 'auto') return
  problems.push({
    sentence:
      `server.host is ${host}, which other machines can reach, and there is no access control. ` +
      'Set auth.mode to on, or listen on 127.0.0.1, or set auth.mode to off if everybody who can reach it may change everything.',
  })
}

/** An engine that cannot ask would refuse every registration. */
function checkQuotaService(values: ReadonlyMap<SettingName, unknown>, problems: Problem[]): void {
  if (values.get('quota.kind') !== 'http') return
  const url = String(values.get('quota.url') ?? '')
  if (isWebAddress(url)) return
  problems.push({
    sentence: `quota.kind is http, so quota.url must be an address like http://host:port/path, not '${url}'.`,
  })
}

function checkPolicyStore(values: ReadonlyMap<SettingName, unknown>, problems: Problem[]): void {
  const url = String(values.get('policies.kieUrl') ?? '')
  if (url === '' || isWebAddress(url)) return
  problems.push({ sentence: `policies.kieUrl must be an address like http://host:port, not '${url}'.` })
}

function isWebAddress(url: string): boolean {
  return /^https?:$/.test(URL.parse(url)?.protocol ?? '')
}

/** Half of what TLS needs would leave an engine that is less safe than it looks. */
function checkTls(values: ReadonlyMap<SettingName, unknown>, problems: Problem[]): void {
  const countOf = (name: 'tls.cert' | 'tls.key' | 'tls.ca') => fileList(String(values.get(name) ?? '')).length
  const asksClients = (values.get('tls.client') ?? 'off') !== 'off'
  const complain = (sentence: string) => void problems.push({ sentence })
  if (countOf('tls.cert') !== countOf('tls.key')) {
    complain('tls.cert and tls.key belong together: name as many private keys as certificates, in the same order.')
  }
  if (countOf('tls.ca') > 0 && !asksClients) {
    complain(
      'tls.ca says whose client certificates are accepted, but tls.client is off. Set it to optional or require.',
    )
  }
  if (!asksClients) return
  if (countOf('tls.cert') === 0)
    complain('tls.client needs TLS: name a certificate with tls.cert and its key with tls.key.')
  if (countOf('tls.ca') === 0)
    complain('tls.client needs tls.ca: the authorities whose client certificates are accepted.')
}

function freeze(values: ReadonlyMap<SettingName, unknown>): Settings {
  const settings: Record<string, unknown> = {}
  for (const [name, { default: fallback }] of Object.entries(SETTINGS)) {
    const path = name.split('.')
    const last = path.pop() ?? ''
    let slice = settings
    for (const part of path) {
      slice[part] ??= {}
      slice = slice[part] as Record<string, unknown>
    }
    slice[last] = values.get(name as SettingName) ?? fallback
  }
  return deepFreeze(settings) as unknown as Settings
}

function deepFreeze<Value extends object>(value: Value): Value {
  for (const part of Object.values(value)) if (typeof part === 'object' && part !== null) deepFreeze(part)
  return Object.freeze(value)
}
