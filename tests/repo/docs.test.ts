import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { run } from '../../scripts/checks.ts'
import { noticeLine } from '../../scripts/notice.ts'
import { isFile, STATEMENTS } from '../conformance/wire/differences.ts'
import { projectFiles, ROOT, readProjectFile } from './tree.ts'

test('generated pages are what npm run docs would write', async () => {
  const { passed, output } = await run(['node', 'scripts/docs.ts', '--check'])
  expect(passed, output).toBe(true)
  expect(output).toContain('NOTICE checked')
  expect(output).toContain('docs/cli.md checked')
  expect(output).toContain('docs/settings.md checked')
  expect(output).toContain('docs/errors.md checked')
  expect(output).toContain('docs/compatibility.md checked')
})

test.each([
  ['GPL-3.0-only', 'GPL-3.0-only'],
  [undefined, 'no licence'],
])('a package under %s is not taken into NOTICE unseen', (license, said) => {
  const locked = { version: '1.0.0', ...(license === undefined ? {} : { license }) }
  expect(() => noticeLine('node_modules/strange', locked)).toThrow(`strange 1.0.0 is under ${said}`)
  expect(noticeLine('node_modules/strange', { version: '1.0.0', license: 'MIT' })).toBe('strange 1.0.0, MIT')
})

test('every promised difference names the test that holds it', () => {
  const files = projectFiles()
  const decided = readProjectFile('tests/conformance/wire/decisions.test.ts')
  const lost = STATEMENTS.promised.filter(({ test: named }) => {
    return isFile(named) ? !files.includes(named) : !decided.includes(`test('${named}'`)
  })
  expect(lost).toEqual([])
})

const pages = projectFiles().filter((path) => /^(?:[A-Z]+|docs\/.*)\.md$/.test(path))

test.each(pages)('every link of %s to another page or file leads somewhere', (page) => {
  const prose = readProjectFile(page).replaceAll(/```[\s\S]*?```/g, '')
  const targets = [...prose.matchAll(/\]\((?!\w+:|#)([^)#\s]+)/g)].map((match) => match[1] ?? '')
  expect(targets.filter((target) => !existsSync(join(ROOT, page, '..', target)))).toEqual([])
})

test('the index of documents names every page', () => {
  const index = readProjectFile('docs/README.md')
  const own = pages.filter((path) => /^docs\/(?!decisions|README)/.test(path)).map((path) => path.slice('docs/'.length))
  expect(own.filter((path) => !index.includes(`(${path})`))).toEqual([])
})
