import { readFileSync, writeFileSync } from 'node:fs'
import { exit, stderr, stdout } from 'node:process'
import { settingsPage } from '@rollcall/engine/settings/help'
import { referencePage } from '../cli/src/reference-page.ts'
import { compatibilityPage } from '../tests/conformance/wire/compatibility-page.ts'
import { errorsPage } from './errors-page.ts'
import { notice } from './notice.ts'

/** Generated pages by path. */
const PAGES: Readonly<Record<string, () => string | Promise<string>>> = {
  NOTICE: notice,
  'docs/cli.md': referencePage,
  'docs/compatibility.md': compatibilityPage,
  'docs/errors.md': errorsPage,
  'docs/settings.md': settingsPage,
}

const isCheck = process.argv.includes('--check')
let outdated = 0
for (const [path, render] of Object.entries(PAGES)) {
  const url = new URL(`../${path}`, import.meta.url)
  const page = await render()
  if (!isCheck) writeFileSync(url, page)
  else if (readFileSync(url, 'utf8') !== page) {
    outdated++
    stderr.write(`${path} is out of date; run npm run docs\n`)
  }
  stdout.write(`${path} ${isCheck ? 'checked' : 'written'}\n`)
}
exit(outdated === 0 ? 0 : 1)
