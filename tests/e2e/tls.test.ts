import { once } from 'node:events'
import { connect as connectPlain } from 'node:net'
import { connect, type TLSSocket } from 'node:tls'
import { createClient, joinService, type WatchSignal } from '@rollcall/client'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createAuthority } from '../../cli/src/certificates/issue.ts'
import { EngineProcess } from '../conformance/wire/engine-process.ts'
import { CertificateFolder, validFor } from './certificates.ts'
import { untilState } from './client-fixture.ts'

const MEMORY = ['--store.kind', 'memory']
const SETTINGS_EXIT = 2
const SOON_MS = 15_000

let folder: CertificateFolder
let engine: EngineProcess
const others: EngineProcess[] = []

beforeAll(async () => {
  folder = await CertificateFolder.make()
  await folder.server('rsa', 'rsa')
  await folder.server('ec', 'ec')
  await folder.server('live', 'ec')
  const live = folder.flags('live')
  engine = await start([...live, '--tls.reloadSeconds', '0', '--limits.headerSeconds', '2'])
})

afterAll(async () => {
  for (const other of others) await other.stop()
  folder[Symbol.dispose]()
})

async function start(flags: readonly string[]): Promise<EngineProcess> {
  const started = await EngineProcess.start([...MEMORY, ...flags])
  others.push(started)
  return started
}

interface Handshake {
  readonly ca?: string
  readonly cert?: string
  readonly key?: string
  readonly minVersion?: 'TLSv1.2' | 'TLSv1.3'
  readonly maxVersion?: 'TLSv1.1' | 'TLSv1.2' | 'TLSv1.3'
}

const trusting = (more: Handshake = {}) => ({ ca: folder.authority.cert, ...more })

/** Connects and asks for the version. @returns the connection with its answer; rejects when there is none */
async function ask({ url }: EngineProcess, options: Handshake): Promise<{ socket: TLSSocket; text: string }> {
  const socket = connect({ host: '127.0.0.1', port: Number(url.port), ...options })
  let text = ''
  socket.on('data', (chunk: Buffer) => {
    text += chunk.toString()
  })
  socket.write('GET /version HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n')
  await once(socket, 'close')
  if (!text.startsWith('HTTP/1.1 200')) throw new Error(`no answer: ${text}`)
  return { socket, text }
}

/** Runs until it does not throw any more. */
async function eventually<T>(run: () => Promise<T>): Promise<T> {
  const until = performance.now() + SOON_MS
  for (;;) {
    try {
      return await run()
    } catch (error) {
      if (performance.now() > until) throw error
      await new Promise((resolve) => setImmediate(resolve))
    }
  }
}

describe('an engine with a certificate', () => {
  test.each(['TLSv1.2', 'TLSv1.3'] as const)('speaks %s', async (version) => {
    const { socket } = await ask(engine, trusting({ minVersion: version, maxVersion: version }))
    expect(socket.authorized).toBe(true)
  })

  test('speaks nothing older, and no plain HTTP', async () => {
    await expect(ask(engine, trusting({ maxVersion: 'TLSv1.1' }))).rejects.toThrow()
    await expect(fetch(`http://${engine.url.host}/version`)).rejects.toThrow('fetch failed')
    await ask(engine, trusting())
  })

  test('shows the kind of certificate that a client can read, RSA or EC', async () => {
    const [rsa, ec] = [folder.flags('rsa'), folder.flags('ec')]
    const both = await start(['--tls.cert', `${rsa[1]},${ec[1]}`, '--tls.key', `${rsa[3]},${ec[3]}`])
    for (const [ciphers, kind] of [
      ['ECDHE-RSA-AES128-GCM-SHA256', 'rsa'],
      ['ECDHE-ECDSA-AES128-GCM-SHA256', 'ec'],
    ] as const) {
      const socket = connect({
        host: '127.0.0.1',
        port: Number(both.url.port),
        ciphers,
        ...trusting({ maxVersion: 'TLSv1.2' }),
      })
      await once(socket, 'secureConnect')
      expect(socket.getPeerX509Certificate()?.publicKey.asymmetricKeyType).toBe(kind)
      socket.destroy()
    }
  })

  test('says https where it is, and in its own entries', async () => {
    expect(engine.url.protocol).toBe('https:')
    expect(engine.output).toMatch(/TLS +\S+live\.pem, good until .+; client certificates: off/)
    const health = await createClient({ urls: engine.url.origin, tls: trusting() }).health()
    expect(health).toMatchObject([{ endpoints: [`rest://${engine.url.host}/?sslEnabled=true`] }])
  })

  test('serves the SDK: registration, finds, and watches over WSS', async () => {
    const client = createClient({ urls: engine.url.origin, tls: trusting() })
    const provider = joinService(client, {
      service: { appId: 'tls', serviceName: 'provider', version: '1.0.0' },
      instance: { hostName: 'h', endpoints: ['rest://127.0.0.1:1'] },
    })
    await untilState(provider, 'joined')
    const consumerId = await client.services.create({ appId: 'tls', serviceName: 'consumer', version: '1.0.0' })
    const found = await client.find({ consumerId, appId: 'tls', serviceName: 'provider' })
    expect(found).toMatchObject({ instances: [{ hostName: 'h' }] })
    const heard = Promise.withResolvers<WatchSignal>()
    const opened = Promise.withResolvers<void>()
    const stop = client.watch(consumerId, (signal) => {
      if (signal.kind === 'open') opened.resolve()
      if (signal.kind === 'event') heard.resolve(signal)
    })
    await opened.promise
    await provider.leave()
    expect(await heard.promise).toMatchObject({ event: { action: 'DELETE', key: { serviceName: 'provider' } } })
    stop()
  })

  test('is not trusted by a client that does not know the authority', async () => {
    await expect(createClient({ urls: engine.url.origin }).version()).rejects.toThrow(/VERIFY|ISSUER|SELF_SIGNED/)
  })

  test('ends a connection that does not get through its handshake, and serves others meanwhile', async () => {
    const silent = connectPlain(Number(engine.url.port), '127.0.0.1')
    const half = connectPlain(Number(engine.url.port), '127.0.0.1')
    half.on('error', () => {})
    half.write(Buffer.from([0x16, 0x03, 0x01, 0x02, 0x00, 0x01]))
    const ends = [once(silent, 'close'), once(half, 'close')]
    silent.resume()
    half.resume()
    await ask(engine, trusting())
    await Promise.all(ends)
  })
})

describe('client certificates', () => {
  const clientOf = async (name: string) =>
    await folder.authority.issueClient({ name, keyKind: 'ec', validity: validFor(0, 1) })
  const stranger = async () => {
    const authority = await createAuthority({ name: 'Stranger', keyKind: 'ec', validity: validFor(0, 1) })
    return await authority.issueClient({ name: 'stranger', keyKind: 'ec', validity: validFor(0, 1) })
  }
  const flags = (mode: string) => [...folder.flags('ec'), '--tls.client', mode, '--tls.ca', folder.file('ca.pem')]

  test('required: without one, with one of a stranger, and with one that has expired nothing is answered', async () => {
    const strict = await start(flags('require'))
    const past = await folder.authority.issueClient({ name: 'past', keyKind: 'ec', validity: validFor(-2, -1) })
    for (const wrong of [{}, await stranger(), past]) {
      await expect(ask(strict, trusting(wrong))).rejects.toThrow()
    }
    await ask(strict, trusting(await clientOf('ann')))
    const client = createClient({ urls: strict.url.origin, tls: trusting(await clientOf('ann')) })
    expect(await client.version()).toMatchObject({ apiVersion: '4.0.0' })
  })

  test('optional: none is fine, a wrong one is not', async () => {
    const lenient = await start(flags('optional'))
    await ask(lenient, trusting())
    await ask(lenient, trusting(await clientOf('ann')))
    await expect(ask(lenient, trusting(await stranger()))).rejects.toThrow()
  })
})

describe('files that have changed', () => {
  const serial = async (target: EngineProcess) => {
    const socket = connect({ host: '127.0.0.1', port: Number(target.url.port), ...trusting() })
    await once(socket, 'secureConnect')
    const number = socket.getPeerX509Certificate()?.serialNumber
    socket.destroy()
    return number
  }

  test('are taken at SIGHUP; connections that are open go on; what is wrong is logged and changes nothing', async () => {
    const before = await serial(engine)
    const open = connect({ host: '127.0.0.1', port: Number(engine.url.port), ...trusting() })
    await once(open, 'secureConnect')
    await folder.server('live', 'ec')
    engine.signal('SIGHUP')
    const renewed = await eventually(async () => {
      const now = await serial(engine)
      expect(now).not.toBe(before)
      return now
    })
    open.write('GET /version HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n')
    const [answer] = await once(open, 'data')
    expect(String(answer)).toContain('HTTP/1.1 200')

    folder.write('live.pem', 'no certificate')
    engine.signal('SIGHUP')
    await eventually(async () => expect(engine.output).toContain('new certificates cannot be used'))
    expect(engine.output).toContain(`tls.cert: ${folder.file('live.pem')} holds no certificate`)
    expect(await serial(engine)).toBe(renewed)
    await folder.server('live', 'ec')
  })

  test('are found without a signal', async () => {
    await folder.server('watched')
    const watching = await start([...folder.flags('watched'), '--tls.reloadSeconds', '1'])
    const before = await serial(watching)
    await folder.server('watched')
    await eventually(async () => expect(await serial(watching)).not.toBe(before))
  })
})

describe('the start is refused in one sentence for', () => {
  test.each<[string, () => Promise<string[]> | string[], string]>([
    [
      'a certificate that is not there',
      () => folder.flags('nobody', 'ec-key'),
      'tls.cert: cannot read FOLDER/nobody.pem',
    ],
    ['a key that is not there', () => folder.flags('ec', 'nobody'), 'tls.key: cannot read FOLDER/nobody.pem'],
    [
      'a key of another certificate',
      () => folder.flags('ec', 'rsa-key'),
      'tls.key: FOLDER/rsa-key.pem is not the key of the certificate in FOLDER/ec.pem',
    ],
    [
      'two files in the wrong places',
      () => folder.flags('ec-key', 'ec'),
      'tls.cert: FOLDER/ec-key.pem holds no certificate',
    ],
    [
      'a certificate that has expired',
      async () => {
        await folder.server('past', 'ec', validFor(-3, -1))
        return folder.flags('past')
      },
      'tls.cert: FOLDER/past.pem has expired',
    ],
    [
      'a certificate of the future',
      async () => {
        await folder.server('future', 'ec', validFor(1, 3))
        return folder.flags('future')
      },
      'tls.cert: FOLDER/future.pem is only good from',
    ],
    [
      'a key that is encrypted',
      () => {
        folder.write('locked.pem', '-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n-----END ENCRYPTED PRIVATE KEY-----\n')
        return folder.flags('ec', 'locked')
      },
      'tls.key: FOLDER/locked.pem is encrypted',
    ],
    [
      'two certificates of one kind',
      () => [
        '--tls.cert',
        ['ec', 'live'].map((name) => folder.file(`${name}.pem`)).join(),
        '--tls.key',
        ['ec', 'live'].map((name) => folder.file(`${name}-key.pem`)).join(),
      ],
      'tls.cert: of the kind ec there can be one only',
    ],
    [
      'authorities that are none',
      () => [...folder.flags('ec'), '--tls.client', 'require', '--tls.ca', folder.file('ec-key.pem')],
      'tls.ca: FOLDER/ec-key.pem holds no certificate',
    ],
    [
      'a certificate without a key',
      () => ['--tls.cert', folder.file('ec.pem')],
      'tls.cert and tls.key belong together',
    ],
    [
      'client certificates without authorities',
      () => [...folder.flags('ec'), '--tls.client', 'require'],
      'tls.client needs tls.ca',
    ],
    [
      'authorities that nobody is asked for',
      () => [...folder.flags('ec'), '--tls.ca', folder.file('ca.pem')],
      'tls.ca says whose client certificates are accepted, but tls.client is off',
    ],
  ])('%s', async (_, flags, sentence) => {
    const refused = EngineProcess.spawn([...MEMORY, ...(await flags())])
    expect(await refused.end()).toBe(SETTINGS_EXIT)
    expect(refused.output).toContain(sentence.replaceAll('FOLDER', folder.path))
    expect(refused.output.trim().split('\n')).toHaveLength(1)
  })
})
