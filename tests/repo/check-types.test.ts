import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { announced, fixtures, Planted } from './plant.ts'
import { isFixture, projectFiles, ROOT } from './tree.ts'

/** Rows of a route table; the second does not say who may ask, the last not what it leaves in the audit log. */
const ROWS = `import { EMPTY } from '../answers.ts'
import type { Route } from '../call.ts'

const at = { method: 'GET', family: 'v4', handle: () => EMPTY } as const
export const rows: readonly Route[] = [
  { ...at, path: '/guarded', permission: 'signed-in' },
  { ...at, path: '/forgotten' },
  { ...at, method: 'POST', path: '/unaudited', permission: 'signed-in' },
]
`

const planted = new Planted(['package.json'])
const kept = fixtures('types')
let output = ''

beforeAll(async () => {
  const settings = { extends: `${ROOT}/tsconfig.json`, include: ['*.ts'], exclude: [] }
  planted.linkPackages()
  planted.write({ ...kept, 'tsconfig.json': JSON.stringify(settings) })
  output = (await planted.run('types')).output
})
afterAll(() => planted[Symbol.dispose]())

describe('npm run check reports planted type errors, and only those', () => {
  test.each(Object.entries(kept).map(([path, text]) => [path, announced(text)] as const))('%s: %s', (path, finding) => {
    const found = output.split('\n').filter((line) => line.startsWith(`${path}(`))
    const codes = found.map((line) => /error (TS\d+)/.exec(line)?.[1])
    expect(codes).toEqual(finding === undefined ? [] : [finding])
  })

  test('a row of the route table without a permission, or a changing one without an entry of the audit log, does not compile', async () => {
    using copy = new Planted(projectFiles())
    copy.linkPackages()
    copy.write({ 'engine/src/http/routes/planted.ts': ROWS })
    const { output: said } = await copy.run('types')
    const faults = said.split('\n').filter((line) => line.startsWith('engine/src/http/routes/planted.ts('))
    expect(faults.map((line) => line.slice(0, line.indexOf(':')))).toEqual(
      [7, 8].map((line) => `engine/src/http/routes/planted.ts(${line},3)`),
    )
    expect(said).toMatch(/Property .permission. is missing[\s\S]*Property .audit. is missing/)
  }, 60_000)

  test('every TypeScript file of the project is looked at', async () => {
    using copy = new Planted(projectFiles())
    copy.linkPackages()
    const listed = (await copy.run('types', '--listFilesOnly')).output
    const ours = projectFiles().filter((path) => /\.tsx?$/.test(path) && !isFixture(path))
    expect(ours.filter((path) => !listed.includes(`/${path}\n`))).toEqual([])
  })
})
