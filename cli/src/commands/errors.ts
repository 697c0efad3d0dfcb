import type { CatalogueEntry } from '@rollcall/protocol/error-guide'
import { CATALOGUE } from '@rollcall/protocol/error-guide'
import { CREDENTIAL_REASONS } from '@rollcall/protocol/error-guide-access'
import { errorStatus } from '@rollcall/protocol/errors'
import type { Words } from '@rollcall/protocol/words'
import type { Command } from 'commander'
import { Option } from 'commander'
import { UsageError } from '../explain.ts'
import type { Column } from '../print/table.ts'
import { table } from '../print/table.ts'
import { jsonText } from '../print/words.ts'
import type { Terminal } from '../terminal.ts'

interface Options {
  readonly language: 'en' | 'zh'
  readonly json?: boolean
}

const COLUMNS: readonly Column<CatalogueEntry>[] = [
  { title: 'CODE', text: ({ code }) => code },
  { title: 'HTTP', text: (entry) => String(errorStatus(entry)) },
  { title: 'TEXT', text: ({ text }) => text },
]

/** `rollcall errors [code]`; asks no engine. */
export function addErrors(program: Command, terminal: Terminal): void {
  program
    .command('errors')
    .description('what an error code means and what to do; all codes when none is given')
    .argument('[code]', 'a code of an answer, for example 400012')
    .addOption(
      new Option('--language <name>', 'of the explanation').choices(['en', 'zh']).default(languageOfTerminal()),
    )
    .option('--json', 'print JSON, in both languages')
    .action((code: string | undefined, options: Options) => show(code, options, terminal))
}

function languageOfTerminal(): Options['language'] {
  const { LC_ALL, LANG = '' } = process.env
  return (LC_ALL || LANG).startsWith('zh') ? 'zh' : 'en'
}

function show(code: string | undefined, options: Options, { out, stream }: Terminal): void {
  const entries = code === undefined ? CATALOGUE : entriesOf(code)
  if (options.json === true) out(jsonText({ errors: entries.map(plain) }))
  else if (code === undefined) out(table(entries, COLUMNS, stream))
  else out(entries.map((entry) => explained(entry, code, options.language)).join('\n'))
}

/** The errors of a code; a finer code of a credential leads to the error that carries it. @throws UsageError */
function entriesOf(code: string): readonly CatalogueEntry[] {
  const wanted = Object.hasOwn(CREDENTIAL_REASONS, code) ? '401002' : code.toUpperCase()
  const found = CATALOGUE.filter((entry) => entry.code === wanted || entry.code.endsWith(`.${wanted}`))
  if (found.length > 0) return found
  throw new UsageError(`There is no error '${code}'. "rollcall errors" shows all of them.`)
}

function plain({ name: _, ...entry }: CatalogueEntry): object {
  const inBoth = ([en, zh]: Words) => ({ en, zh })
  return {
    code: entry.code,
    status: errorStatus(entry),
    text: entry.text,
    meaning: inBoth(entry.meaning),
    causes: { en: entry.causes.map(([english]) => english), zh: entry.causes.map(([, chinese]) => chinese) },
    remedy: inBoth(entry.remedy),
  }
}

const TITLES = {
  en: {
    causes: 'Usual causes',
    remedy: 'What to do',
    requests: 'Which requests can give it: /docs of a running engine.',
  },
  zh: { causes: '常见原因', remedy: '处理方法', requests: '哪些请求会返回它：见运行中引擎的 /docs。' },
} as const

function explained(entry: CatalogueEntry, asked: string, language: Options['language']): string {
  const said = ([english, chinese]: Words) => (language === 'en' ? english : chinese)
  const titles = TITLES[language]
  const reason = (CREDENTIAL_REASONS as Readonly<Record<string, Words>>)[asked]
  return [
    `${entry.code}  ${entry.text}  (HTTP ${errorStatus(entry)})`,
    '',
    said(entry.meaning),
    ...(reason === undefined ? [] : [`${asked}: ${said(reason)}`]),
    '',
    `${titles.causes}:`,
    ...entry.causes.map((cause) => `  - ${said(cause)}`),
    `${titles.remedy}:`,
    `  ${said(entry.remedy)}`,
    titles.requests,
    '',
  ].join('\n')
}
