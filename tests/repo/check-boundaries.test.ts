import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { boundaries } from './boundaries.ts'
import { biomeFindings, type Finding, Planted } from './plant.ts'
import { readProjectFile } from './tree.ts'

const RULE = 'lint/style/noRestrictedImports'

const planted = new Planted(['biome.json', '.gitignore', 'scripts/lint'])
let findings: readonly Finding[]

/** One import a line, so that the line of a finding tells which import was meant. */
const source = (specifiers: readonly string[]): string => specifiers.map((name) => `import '${name}'\n\n`).join('')

beforeAll(async () => {
  for (const { from, allowed, refused } of boundaries) planted.write({ [from]: source([...refused, ...allowed]) })
  findings = await biomeFindings(planted)
})
afterAll(() => planted[Symbol.dispose]())

describe.each(boundaries)('$from', ({ from, allowed, refused }) => {
  const reported = (): string[] => {
    const lines = findings
      .filter((finding) => finding.path === from && finding.category === RULE)
      .map(({ line }) => line)
    return lines.map((line) => [...refused, ...allowed][(line - 1) / 2] ?? `line ${line}`)
  }

  test('refuses exactly the imports that cross a boundary', () => {
    expect(reported().sort()).toEqual([...refused].sort())
  })
})

test('every boundary that the linter has is crossed here by somebody', () => {
  const messages = [...readProjectFile('scripts/lint/boundaries.json').matchAll(/"message": "([^"]+)"/g)]
  const seen = findings.filter(({ category }) => category === RULE).map(({ message }) => message)
  expect(messages.length).toBeGreaterThan(20)
  expect(messages.map(([, text = '']) => text).filter((text) => !seen.some((one) => one.includes(text)))).toEqual([])
})

test('no other rule finds fault with these imports', () => {
  const others = findings.filter(({ category }) => category.startsWith('lint/') && category !== RULE)
  expect(others).toEqual([])
})
