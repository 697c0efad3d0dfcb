import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { announced, biomeFindings, type Finding, fixtures, Planted, type Plants } from './plant.ts'
import { readProjectFile } from './tree.ts'

const lines = (count: number, line: (index: number) => string): string =>
  Array.from({ length: count }, (_, i) => `${line(i)}\n`).join('')
const longFile = (count: number): string => lines(count, (index) => `export const line${index} = ${index}`)
const longFunction = (count: number): string =>
  `export function work(list: number[]): void {\n${lines(count, (index) => `  list.push(${index})`)}}\n`
const tangled = `export function tangled(list: readonly number[]): void {\n${lines(7, (index) => `  if (list.length > ${index}) for (const item of list) if (item > ${index}) list.at(item)`)}}\n`

/** Too long to keep as files. */
const generated: Readonly<Record<string, readonly [finding: string | undefined, text: string]>> = {
  'protocol/src/three-hundred-lines.ts': [undefined, longFile(300)],
  'protocol/src/three-hundred-and-one-lines.ts': ['lint/style/noExcessiveLinesPerFile', longFile(301)],
  'protocol/src/long.test.ts': [undefined, longFile(600)],
  'protocol/src/too-long.test.ts': ['lint/style/noExcessiveLinesPerFile', longFile(601)],
  'protocol/src/short-function.ts': [undefined, longFunction(58)],
  'protocol/src/long-function.ts': ['lint/complexity/noExcessiveLinesPerFunction', longFunction(61)],
  'protocol/src/tangled.ts': ['lint/complexity/noExcessiveCognitiveComplexity', tangled],
}

/** The same violation in every part of the tree: none is left out by mistake. */
const FOLDERS = [
  'protocol/src',
  'engine/src',
  'engine/src/kernel',
  'engine/src/domain/registry',
  'engine/src/storage',
  'engine/src/http/routes',
  'engine/src/watch',
  'client/src',
  'cli/src/commands',
  'console/src',
  'tests/e2e',
  'tests/conformance',
  'bench/load',
  'scripts',
]

const kept = fixtures('lint')
const expected: Record<string, string | undefined> = {}
for (const [path, text] of Object.entries(kept)) expected[path] = announced(text)
for (const [path, [finding]] of Object.entries(generated)) expected[path] = finding
for (const folder of FOLDERS) expected[`${folder}/debugs.ts`] = 'lint/suspicious/noDebugger'

const planted = new Planted(['biome.json', '.gitignore', 'scripts/lint'])
let findings: readonly Finding[]

beforeAll(async () => {
  const texts: Plants = Object.fromEntries(Object.entries(generated).map(([path, [, text]]) => [path, text]))
  const debugging: Plants = Object.fromEntries(FOLDERS.map((folder) => [`${folder}/debugs.ts`, 'debugger\n']))
  planted.write({ ...kept, ...texts, ...debugging })
  findings = await biomeFindings(planted)
})
afterAll(() => planted[Symbol.dispose]())

describe('npm run check reports what is planted, and only that', () => {
  test.each(Object.entries(expected))('%s: %s', (path, finding) => {
    const reported = findings.filter((one) => one.path === path).map(({ category }) => category)
    expect(reported).toEqual(finding === undefined ? [] : [finding])
  })

  test('every rule that biome.json switches on has its violation here', () => {
    const rules = /"((?:no|use)[A-Z]\w+)": (?:"error"|\{\s*"level": "error")/g
    const switchedOn = [...readProjectFile('biome.json').matchAll(rules)].map((match) => match[1])
    const planted = Object.values(expected).map((finding) => finding?.split('/').at(-1))
    expect(switchedOn.length).toBeGreaterThan(20)
    expect(switchedOn.filter((rule) => !planted.includes(rule))).toEqual([])
  })

  test('no other file is reported', () => {
    expect(findings.filter(({ path }) => !(path in expected))).toEqual([])
  })
})
