import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { announced, fixtures, Planted } from './plant.ts'
import { isFixture, projectFiles, ROOT } from './tree.ts'

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

  test('every TypeScript file of the project is looked at', async () => {
    using copy = new Planted(projectFiles())
    copy.linkPackages()
    const listed = (await copy.run('types', '--listFilesOnly')).output
    const ours = projectFiles().filter((path) => /\.tsx?$/.test(path) && !isFixture(path))
    expect(ours.filter((path) => !listed.includes(`/${path}\n`))).toEqual([])
  })
})
