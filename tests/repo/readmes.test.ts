import { posix } from 'node:path'
import { expect, test } from 'vitest'
import { projectFiles, readProjectFile } from './tree.ts'

const HEADINGS = ['Purpose', 'Owns', 'Talks to', 'Read in this order', 'To change it', 'Not here']
const LINES_MAX = 60

const files = projectFiles()
const modules = new Set(files.map((path) => /^engine\/src\/domain\/[^/]+(?=\/)/.exec(path)?.[0]))
modules.delete(undefined)

const folders = [
  'protocol',
  'engine/src/kernel',
  'engine/src/domain',
  'engine/src/storage',
  'engine/src/http',
  'engine/src/quota-service',
  'engine/src/watch',
  'engine/src/processes',
  'client',
  'console',
  'cli',
  'tests',
  'tests/interop',
  'bench',
  ...([...modules] as string[]).sort(),
]

/** The parts of a README that look like a file or folder: `clock.ts`, `../storage/store.ts`, `lmdb/`, [text](path). */
function namedPaths(markdown: string): readonly string[] {
  const prose = markdown.replaceAll(/```[\s\S]*?```/g, '')
  const quoted = [...prose.matchAll(/`([\w./@-]+\.(?:ts|tsx|md|json|html|css|grit)|[\w.-]+(?:\/[\w.-]+)*\/)`/g)]
  const linked = [...prose.matchAll(/\]\((?!https?:|#)([^)#\s]+)/g)]
  return [...quoted, ...linked].map((match) => match[1] ?? '')
}

/** A README may name a file from where it stands, from the top, or (below itself) by the end of its path. */
function exists(folder: string, name: string): boolean {
  const path = name.replace(/\/$/, '')
  const candidates = [posix.join(folder, path), posix.join(folder, 'src', path), path]
  const isThere = (candidate: string) => files.some((file) => file === candidate || file.startsWith(`${candidate}/`))
  const isBelow = (file: string) => file.startsWith(`${folder}/`) && `${file}/`.includes(`/${path}/`)
  return candidates.some(isThere) || (!path.startsWith('.') && files.some(isBelow))
}

/** What is wrong with a folder's README, in words. */
function complaints(folder: string, text: string): readonly string[] {
  const headings = [...text.matchAll(/^#+ (.+?)\s*$/gm)].map((match) => match[1] ?? '')
  const found = headings.filter((heading) => HEADINGS.includes(heading)).join(', ')
  const lines = text.trimEnd().split('\n').length
  const lost = namedPaths(text).filter((name) => !exists(folder, name))
  return [
    ...(found === HEADINGS.join(', ') ? [] : [`the headings are not ${HEADINGS.join(', ')} but ${found}`]),
    ...(lines <= LINES_MAX ? [] : [`${lines} lines, more than ${LINES_MAX}`]),
    ...lost.map((name) => `${name} does not exist`),
  ]
}

test.each(folders)('%s has a README that says what it must and names no lost file', (folder) => {
  expect(files).toContain(`${folder}/README.md`)
  expect(complaints(folder, readProjectFile(`${folder}/README.md`))).toEqual([])
})

test('a poor README is complained about', () => {
  const poor = `# kernel\n## Purpose\nSee \`sundial.ts\`.\n${'\n'.repeat(60)}end\n`
  expect(complaints('engine/src/kernel', poor)).toEqual([
    'the headings are not Purpose, Owns, Talks to, Read in this order, To change it, Not here but Purpose',
    '64 lines, more than 60',
    'sundial.ts does not exist',
  ])
})

test('the reader of READMEs sees paths and notices missing ones', () => {
  const names = namedPaths(
    'See `clock.ts`, `lmdb/`, [store](../storage/store.ts) and `npm test`; not [this](https://a.b).',
  )
  expect(names).toEqual(['clock.ts', 'lmdb/', '../storage/store.ts'])
  expect(exists('engine/src/kernel', 'clock.ts')).toBe(true)
  expect(exists('engine/src/kernel', '../storage/store.ts')).toBe(true)
  expect(exists('engine/src/kernel', 'sundial.ts')).toBe(false)
  expect(exists('engine/src/kernel', 'store.ts')).toBe(false)
})
