import { expect, test } from 'vitest'
import { checks, run } from '../../scripts/checks.ts'
import { Planted } from './plant.ts'
import { ROOT, readProjectFile } from './tree.ts'

const CONFIGURATION = [
  'package.json',
  'tsconfig.json',
  'biome.json',
  'knip.json',
  'vitest.config.ts',
  '.gitignore',
  'scripts/check.ts',
  'scripts/checks.ts',
  'scripts/debian-packages.ts',
  'scripts/error-codes.ts',
  'scripts/test.ts',
  'scripts/lint',
]

const MIXED_TESTS = `import { expect, test } from 'vitest'

test('passes', () => {
  expect(1).toBe(1)
})

test('fails', () => {
  expect(1).toBe(2)
})

test('needs a browser', ({ skip }) => skip('no browser here'))
`

/** Uses what nothing else in a small project uses, so that nothing is left over. */
const GREEN_TEST = `import fc from 'fast-check'
import { expect, test } from 'vitest'
import { checks, run } from '../scripts/checks.ts'

test('passes', () => {
  expect([fc, checks, run]).toHaveLength(3)
})
`

/** Runs one of the repository's scripts in a planted project, with the tools of this one. */
async function script(planted: Planted, name: string): Promise<{ passed: boolean; lines: readonly string[] }> {
  const path = `${ROOT}/node_modules/.bin`
  const command = ['env', `PATH=${path}:${process.env.PATH ?? ''}`, 'node', `scripts/${name}.ts`]
  const { passed, output } = await run(command, planted.directory)
  return { passed, lines: output.trimEnd().split('\n') }
}

function smallProject(tests: Readonly<Record<string, string>>): Planted {
  const planted = new Planted(CONFIGURATION)
  planted.edit('package.json', (text) => {
    const { check, fix, test: all } = JSON.parse(text).scripts
    const scripts = { check, fix, test: all }
    return `${JSON.stringify({ ...JSON.parse(text), scripts }, undefined, 2)}\n`
  })
  planted.linkPackages()
  planted.write(tests)
  return planted
}

test('npm run check fails when one check fails, and names it', async () => {
  using planted = smallProject({ 'protocol/src/wrong.ts': "export const port: number = 'thirty'\n" })
  const { passed, lines } = await script(planted, 'check')
  expect(passed).toBe(false)
  expect(lines.filter((line) => line.startsWith('FAIL check: types'))).toHaveLength(1)
  expect(lines.join('\n')).toContain('protocol/src/wrong.ts(1,14): error TS2322')
  expect(lines.filter((line) => line.startsWith('ok   check: format'))).toHaveLength(1)
})

test('npm run fix repairs what a tool can repair, and npm run check is content then', async () => {
  using planted = smallProject({
    'tests/green.test.ts': GREEN_TEST.replace("import fc from 'fast-check'\n", '')
      .replace("'../scripts/checks.ts'\n", "'../scripts/checks.ts'\nimport fc from 'fast-check'\n")
      .replaceAll("'", '"')
      .replaceAll('  expect', 'expect'),
  })
  expect((await script(planted, 'check')).passed).toBe(false)
  const command: string = JSON.parse(readProjectFile('package.json')).scripts.fix
  const { passed, output } = await run(
    [`${ROOT}/node_modules/.bin/${command.split(' ')[0]}`, ...command.split(' ').slice(1)],
    planted.directory,
  )
  expect(passed, output).toBe(true)
  const { passed: isContent, lines } = await script(planted, 'check')
  expect(isContent, lines.join('\n')).toBe(true)
})

test('npm test counts checks and tests, names what was skipped and why, and fails when something failed', async () => {
  using planted = smallProject({
    'tests/mixed.test.ts': MIXED_TESTS,
    'tests/broken.test.ts': "import { gone } from './gone.ts'\n\ngone()\n",
  })
  const { passed, lines } = await script(planted, 'test')
  const checksPassed = lines.filter((line) => line.startsWith('ok   check:')).length
  const checksFailed = lines.filter((line) => line.startsWith('FAIL check:')).length
  expect(passed).toBe(false)
  expect(checksPassed + checksFailed).toBe(checks.length)
  expect(lines).toContain('skipped: tests/mixed.test.ts > needs a browser: no browser here')
  expect(lines.at(-1)).toBe(`${checksPassed + 1} passed, ${checksFailed + 2} failed, 1 skipped`)
})

test('npm test succeeds when everything passed', async () => {
  using planted = smallProject({ 'tests/green.test.ts': GREEN_TEST })
  const { passed, lines } = await script(planted, 'test')
  expect(lines.at(-1)).toBe(`${checks.length + 1} passed, 0 failed, 0 skipped`)
  expect(passed).toBe(true)
})

test('npm test fails when it finds no test', async () => {
  using planted = smallProject({})
  const { passed, lines } = await script(planted, 'test')
  expect(passed).toBe(false)
  expect(lines.at(-1)).toMatch(/^\d+ passed, \d+ failed, 0 skipped$/)
})
