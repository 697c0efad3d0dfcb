import { PassThrough } from 'node:stream'
import { expect, test } from 'vitest'
import { run } from '../program.ts'

/** What the command says and ends with; no engine is there to be asked. */
async function errors(...args: string[]) {
  let out = ''
  let err = ''
  const terminal = {
    out: (text: string) => {
      out += text
    },
    err: (text: string) => {
      err += text
    },
    stream: new PassThrough(),
  }
  return { code: await run(['errors', ...args], terminal), out, err }
}

test('a list of all codes', async () => {
  const { code, out } = await errors()
  expect(code).toBe(0)
  expect(out).toMatch(/^400012 +400 +Micro-service does not exist$/m)
})

test('one code with causes and remedy, in either language', async () => {
  expect((await errors('400015', '--language', 'en')).out).toContain(
    'What to do:\n  Register the interface under a new',
  )
  expect((await errors('400015', '--language', 'zh')).out).toContain('处理方法:')
})

test('a code with two texts shows both, with or without its prefix', async () => {
  const { out } = await errors('4001011')
  expect(out.match(/^SVCSTG\.CSE\.4001011 /gm)).toHaveLength(2)
  expect((await errors('SVCSTG.CSE.4001011')).out).toBe(out)
})

test('a finer code leads to the error that carries it', async () => {
  expect((await errors('401205', '--language', 'en')).out).toMatch(/^401002[\s\S]*401205: The token has expired\.$/m)
})

test('JSON for programs', async () => {
  const { errors: found } = JSON.parse((await errors('400012', '--json')).out)
  expect(found).toMatchObject([
    { code: '400012', status: 400, meaning: { en: expect.any(String), zh: expect.any(String) } },
  ])
})

test('an unknown code is wrong usage', async () => {
  expect(await errors('123')).toMatchObject({ code: 1, out: '', err: expect.stringContaining('rollcall errors') })
})
