import { statSync } from 'node:fs'
import { join, posix } from 'node:path'
import { describe, expect, test } from 'vitest'
import { textRules } from './tidy-rules.ts'
import { isFixture, projectFiles, ROOT, readProjectFile } from './tree.ts'

const files = projectFiles()
const typescript = files.filter((path) => /\.tsx?$/.test(path) && !isFixture(path))
const markdown = files.filter((path) => path.endsWith('.md'))

test('the tree is looked at', () => {
  expect(files).toContain('engine/src/kernel/clock.ts')
  expect(files.filter((path) => path.includes('node_modules'))).toEqual([])
})

describe.each(textRules)('$name', ({ files: applies, forbidden, breaks, keeps }) => {
  test('holds everywhere', () => {
    const broken = files
      .filter((path) => applies.test(path) && !isFixture(path) && path !== 'package-lock.json')
      .flatMap((path) => {
        const lines = readProjectFile(path).split('\n')
        return lines.flatMap((line, index) => (forbidden.test(line) ? [`${path}:${index + 1}: ${line.trim()}`] : []))
      })
    expect(broken).toEqual([])
  })

  test('is seen when broken', () => {
    expect(forbidden.test(breaks)).toBe(true)
    expect(forbidden.test(keeps)).toBe(false)
  })
})

describe("budgets (lines per file and function are Biome's)", () => {
  const IMPORTS_MAX = 15
  const BYTES_MAX = 256 * 1024
  /** The composition root knows every part, and one file every command; recorded and generated files are as long as they are. */
  const wide = new Set([
    'engine/src/engine.ts',
    'engine/src/compose.ts',
    'engine/src/compose-domain.ts',
    'engine/src/compose-edge.ts',
    'cli/src/commands.ts',
  ])
  const large = /^(?:package-lock\.json|docs\/api\/|bench\/results\/|tests\/[^/]+\/recorded\/)/

  test(`a file has at most ${IMPORTS_MAX} imports`, () => {
    const countImports = (path: string) => readProjectFile(path).match(/^import\b/gm)?.length ?? 0
    expect(typescript.filter((path) => !wide.has(path) && countImports(path) > IMPORTS_MAX)).toEqual([])
  })

  test(`a file has at most ${BYTES_MAX} bytes`, () => {
    const isLarge = (path: string) => statSync(join(ROOT, path)).size > BYTES_MAX
    expect(files.filter((path) => !large.test(path) && isLarge(path))).toEqual([])
  })
})

describe('documents', () => {
  test('every relative link leads to a file', () => {
    const broken = markdown.flatMap((path) => {
      const prose = readProjectFile(path).replaceAll(/```[\s\S]*?```/g, '')
      const links = [...prose.matchAll(/\]\((?!\w+:|#)([^)#\s]+)/g)].map((match) => match[1] ?? '')
      const target = (link: string) => posix.join(posix.dirname(path), link).replace(/\/$/, '')
      const isThere = (link: string) =>
        files.some((file) => file === target(link) || file.startsWith(`${target(link)}/`))
      return links.filter((link) => !isThere(link)).map((link) => `${path}: ${link}`)
    })
    expect(broken).toEqual([])
  })

  test('CHANGELOG.md begins with an Unreleased section that says something', () => {
    const [, first] = readProjectFile('CHANGELOG.md').split(/^## /m)
    expect(first).toMatch(/^\[?Unreleased\]?\n[\s\S]*^- /m)
  })

  test('LICENSE is the whole Apache License 2.0', () => {
    const license = readProjectFile('LICENSE')
    expect(license).toContain('Version 2.0, January 2004')
    expect(license).toContain('END OF TERMS AND CONDITIONS')
  })

  test('decisions are numbered without a gap and have the three parts', () => {
    const decisions = files.filter((path) => path.startsWith('docs/decisions/'))
    const numbers = decisions.map((path) => /\/(\d{4})-[a-z0-9-]+\.md$/.exec(path)?.[1])
    expect(numbers).toEqual(decisions.map((_, index) => String(index + 1).padStart(4, '0')))
    for (const path of decisions) {
      const headings = [...readProjectFile(path).matchAll(/^## (.+)$/gm)].map((match) => match[1])
      expect(headings, path).toEqual(['Context', 'Decision', 'Consequences'])
    }
  })
})
