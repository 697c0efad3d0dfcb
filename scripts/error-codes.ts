/**
 * Part of `npm run check`: the error catalogue and the source know the same errors. Reads texts only, so that it tells of
 * what is written, whether it is ever reached or not.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { exit, stdout } from 'node:process'

const DECLARED = 'protocol/src/errors.ts'
const GUIDES = [
  'protocol/src/error-guide.ts',
  'protocol/src/error-guide-registry.ts',
  'protocol/src/error-guide-access.ts',
]
const SOURCES = ['engine/src', 'client/src', 'cli/src', 'console/src', 'protocol/src']
/** Lists and descriptions of errors: a name in them raises nothing. */
const LISTS = /^protocol\/src\/error|^engine\/src\/http\/api\//

function sourcesBelow(folder: string): string[] {
  if (!existsSync(folder)) return []
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  return files.map((file) => `${folder}/${file}`).filter((file) => /(?<!\.test)\.tsx?$/.test(file) && !LISTS.test(file))
}

function namesIn(text: string, pattern: RegExp): string[] {
  return [...text.matchAll(pattern)].map((match) => match[1] ?? '')
}

function complaints(): string[] {
  const declared = readFileSync(DECLARED, 'utf8')
  const names = namesIn(declared, /^ {2}(\w+): \{\s*code: /gm)
  const guide = GUIDES.map((path) => readFileSync(path, 'utf8')).join('\n')
  const guided = namesIn(guide, /^ {2}(\w+): \{$/gm)
  const reasons = namesIn(guide, /^ {2}'(\d{6})': \[/gm)
  const codes = new Set([...namesIn(declared, /code: '([^']+)'/g), ...reasons])
  const sources = SOURCES.flatMap(sourcesBelow).map((path) => ({ path, text: readFileSync(path, 'utf8') }))
  // A member of a union is a name that may be raised, not one that is.
  const raising = sources.map(({ text }) => text.replaceAll(/^\s*\|.*$/gm, '')).join('\n')
  const isRaised = (name: string) => new RegExp(`(?:'|ERRORS\\.)${name}\\b`).test(raising)
  stdout.write(`${names.length} errors, ${reasons.length} finer reasons, ${sources.length} files\n`)
  return [
    ...names.filter((name) => !guided.includes(name)).map((name) => `${name} has no guide in ${GUIDES.join(', ')}`),
    ...guided.filter((name) => !names.includes(name)).map((name) => `the guide of ${name} has no row in ${DECLARED}`),
    ...names.filter((name) => !isRaised(name)).map((name) => `${name} is in the catalogue, but nothing raises it`),
    ...reasons.filter((code) => !raising.includes(`'${code}'`)).map((code) => `${code} is a reason that nothing gives`),
    ...sources.flatMap(({ path, text }) =>
      namesIn(text, /['"`(]([45]\d{5}|SVCSTG\.CSE\.\d+)(?=['"`):])/g)
        .filter((code) => !codes.has(code))
        .map((code) => `${path}: ${code} is not in the catalogue`),
    ),
  ]
}

const found = existsSync(DECLARED) ? complaints() : []
for (const complaint of found) stdout.write(`${complaint}\n`)
exit(found.length === 0 ? 0 : 1)
