import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { DIFFERENCES } from './differences.ts'
import { EngineProcess } from './engine-process.ts'
import { PENDING_CLIENTS } from './pending.ts'
import { CLIENTS, readClient, recordedNames } from './recorded-client.ts'
import { Replay } from './replay.ts'

let engine: EngineProcess

beforeAll(async () => {
  engine = await EngineProcess.start(['--store.kind', 'memory'])
})

afterAll(async () => {
  await engine?.stop()
})

describe.each(CLIENTS)('what %s sends', (client) => {
  const recorded = readClient(client)

  test('gets what it got from Service Center', async () => {
    const replay = new Replay({ url: engine.url, client, differences: DIFFERENCES })
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

describe('recordings that wait for a part of the engine', () => {
  for (const [client, reason] of Object.entries(PENDING_CLIENTS)) test(client, (context) => context.skip(reason))
})

test('every recording is replayed or says what it waits for', () => {
  expect(recordedNames()).toEqual([...CLIENTS, ...Object.keys(PENDING_CLIENTS)].sort())
})
