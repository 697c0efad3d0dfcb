import { expect, test } from 'vitest'
import { run } from '../../scripts/checks.ts'
import { STATEMENTS } from '../conformance/wire/differences.ts'
import { projectFiles, readProjectFile } from './tree.ts'

test('generated pages are what npm run docs would write', async () => {
  const { passed, output } = await run(['node', 'scripts/docs.ts', '--check'])
  expect(passed, output).toBe(true)
  expect(output).toContain('docs/cli.md checked')
  expect(output).toContain('docs/settings.md checked')
  expect(output).toContain('docs/errors.md checked')
  expect(output).toContain('docs/compatibility.md checked')
})

test('every promised difference names the test that holds it', () => {
  const files = projectFiles()
  const decided = readProjectFile('tests/conformance/wire/decisions.test.ts')
  const lost = STATEMENTS.promised.filter(({ test: named }) => {
    return named.endsWith('.test.ts') ? !files.includes(named) : !decided.includes(`test('${named}'`)
  })
  expect(lost).toEqual([])
})
