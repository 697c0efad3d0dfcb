import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startCommand } from './command.ts'

/** How each shell says what it would offer for words of which the last is being typed. */
const ASKING: Readonly<Record<string, (script: string, words: readonly string[]) => readonly string[]>> = {
  bash: (script, words) => [
    '--norc',
    '-c',
    `source ${script}; COMP_WORDS=(${quoted(words)}); COMP_CWORD=${words.length - 1}; _rollcall; printf '%s\\n' "\${COMPREPLY[@]}"`,
  ],
  // Outside of its line editor zsh offers nothing to a program, so what the editor is told is printed.
  zsh: (script, words) => [
    '-f',
    '-c',
    `compdef() { : }; _files() { : }; _describe() { print -rl -- "\${(@P)2}" }; source ${script}
words=(${quoted(words)}); CURRENT=${words.length}; _rollcall`,
  ],
  fish: (script, words) => ['-c', `source ${script}; complete -C ${quoted([words.join(' ')])}`],
}

const quoted = (words: readonly string[]) => words.map((word) => `'${word}'`).join(' ')

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'rollcall-completion-'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe.each(Object.entries(ASKING))('%s', (shell, ask) => {
  test.for([
    [['se'], ['serve', 'services']],
    [
      ['services', ''],
      ['delete', 'get', 'list'],
    ],
    [['services', 'list', '--sh'], ['--shared']],
    [['services', 'list', '--url', 'http://a', '--en'], ['--environment']],
    [['instances', 'status', 'cart', 'abcd', 'TES'], ['TESTING']],
    [['completion', 'f'], ['fish']],
    [['import', 'file', '--dry'], ['--dry-run']],
  ])('offers what comes next after %j', async ([words = [], wanted], { skip }) => {
    if (spawnSync(shell, ['--version']).status !== 0) skip(`${shell} is not installed`)
    const script = join(folder, shell)
    writeFileSync(script, (await startCommand(['completion', shell]).ended).out)
    const { stdout, stderr } = spawnSync(shell, ask(script, ['rollcall', ...words]), { encoding: 'utf8' })
    expect(stderr).toBe('')
    const typed = words.at(-1) ?? ''
    const offered = stdout.split('\n').map((line) => line.split(/[\t:]/)[0] ?? '')
    const fitting = [...new Set(offered.filter((word) => word.startsWith(typed) && /^(?!--help)[-\w]+$/.test(word)))]
    expect(fitting.filter((word) => typed !== '' || !word.startsWith('-')).sort()).toEqual(wanted)
  })
})

test('a shell that is not known is refused, with those that are', async () => {
  const { code, err } = await startCommand(['completion', 'csh']).ended
  expect(code).toBe(1)
  expect(err).toContain('bash, zsh, fish')
})
