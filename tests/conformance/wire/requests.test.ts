import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { DIFFERENCES } from './differences.ts'
import { EngineProcess } from './engine-process.ts'
import { CLIENTS, readClient, recordedNames } from './recorded-client.ts'
import { Replay } from './replay.ts'

const PASSWORD = 'Root@Passw0rd1'

let open: EngineProcess
let guarded: EngineProcess

beforeAll(async () => {
  open = await EngineProcess.start(['--store.kind', 'memory'])
  const flags = ['--store.kind', 'memory', '--auth.mode', 'on']
  guarded = await EngineProcess.start(flags, { ROLLCALL_ROOT_PASSWORD: PASSWORD })
})

afterAll(async () => {
  await open?.stop()
  await guarded?.stop()
})

describe.each(CLIENTS)('what %s sends', (client) => {
  const recorded = readClient(client)

  test('gets what it got from Service Center', async () => {
    const { url } = client.endsWith('-with-token') ? guarded : open
    const replay = new Replay({ url, client, differences: DIFFERENCES, values: { password: PASSWORD } })
    const problems: string[] = []
    for (const request of recorded) {
      const problem = await replay.send(request)
      if (problem !== undefined) problems.push(`${request.method} ${request.path}: ${problem}`)
    }
    problems.push(...(await replay.frameProblems()))
    replay.close()
    expect(problems.join('\n')).toBe('')
  })
})

test('every recording is replayed', () => {
  expect(recordedNames()).toEqual([...CLIENTS].sort())
})
