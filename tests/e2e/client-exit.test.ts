import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { startTestBed } from './client-fixture.ts'

const HERE = fileURLToPath(new URL('.', import.meta.url))

test('an open watch, a heartbeat and a pull to come do not keep a process alive', async () => {
  await using bed = await startTestBed()
  const script = `
    import { createClient, discover, joinService } from '@rollcall/client'
    const client = createClient({ urls: '${bed.engine.url}' })
    const instance = { hostName: 'h' }
    const consumer = joinService(client, { service: { serviceName: 'shop' }, instance })
    const provider = discover(client, { consumer, serviceName: 'cart' })
    await Promise.all([consumer.joined(), provider.ready()])
    client.watch(consumer.serviceId, ({ kind }) => console.log(kind))
  `
  const child = spawn(process.execPath, ['--input-type=module', '--eval', script], { cwd: HERE })
  const output: string[] = []
  child.stdout.on('data', (chunk: Buffer) => output.push(chunk.toString()))
  child.stderr.on('data', (chunk: Buffer) => output.push(chunk.toString()))
  const [code] = (await once(child, 'close')) as [number | null]
  expect({ code, output: output.join('') }).toEqual({ code: 0, output: 'open\n' })
})
