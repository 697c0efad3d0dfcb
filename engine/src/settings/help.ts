import { variableOf } from './origins.ts'
import { allowed } from './parse.ts'
import type { Setting } from './setting.ts'
import { SETTINGS } from './table.ts'

const ROWS = Object.entries(SETTINGS) as [string, Setting][]

/** All settings for `--help`. */
export function settingsHelp(): string {
  const rows = ROWS.map(([name, setting]) => {
    const fallback = setting.default === '' ? 'empty' : String(setting.default)
    return `  --${name}\n      ${setting.help}\n      ${allowed(setting)}; default ${fallback}; ${variableOf(name)}`
  })
  return [
    'Settings, by flag, environment variable or YAML file (--config FILE, ROLLCALL_CONFIG, or ./rollcall.yaml).',
    'Flags win over variables, variables over the file.',
    '',
    ...rows,
  ].join('\n')
}

/** The reference page of all settings, in Markdown. */
export function settingsPage(): string {
  const rows = ROWS.map(([name, setting]) => {
    const fallback = setting.default === '' ? '' : `\`${setting.default}\``
    return `| \`${name}\` | ${fallback} | ${allowed(setting)} | \`${variableOf(name)}\` | ${setting.help} |`
  })
  return [
    '# Settings',
    '',
    'Each setting has one name and three spellings: `server.port` in a YAML file, `ROLLCALL_SERVER_PORT` in the environment,',
    '`--server.port` on the command line. Flags win over the environment, the environment over the file. The file is',
    '`rollcall.yaml` in the working folder, or the one named by `--config FILE` or `ROLLCALL_CONFIG`. An unknown or wrong',
    'setting stops the start with a sentence that says what is allowed.',
    '',
    'This page is generated from the table in `engine/src/settings/table.ts` by `npm run docs`.',
    '',
    '| setting | default | allowed | variable | meaning |',
    '|---|---|---|---|---|',
    ...rows,
    '',
  ].join('\n')
}
