import { createClient } from '@rollcall/client'
import { afterAll, beforeAll, expect, type TestContext, test } from 'vitest'
import { CertificateFolder } from '../e2e/certificates.ts'
import type { Driver } from './driver.ts'
import { EngineUnderTest } from './engine-under-test.ts'
import { JavaApplication } from './java-application.ts'
import { HELLO, instanceOf, keyOf, serviceOf } from './java-documents.ts'
import { usePublishedClient } from './published-client.ts'
import { buildJavaDriver } from './toolchain.ts'

const OFTEN_MS = 1000
/** The next poll is far away: what is heard of came by the watch. */
const NEVER_MS = 600_000
const SLOW_MS = 120_000

const client = usePublishedClient(buildJavaDriver)
let folder: CertificateFolder

beforeAll(async () => {
  folder = await CertificateFolder.make('rsa')
  await folder.server('rsa', 'rsa')
  await folder.server('ec', 'ec')
})

afterAll(() => folder[Symbol.dispose]())

/** An application that is registered with an engine over TLS, and whose watch is being opened. */
async function joinOver(context: TestContext, flags: readonly string[]) {
  const java = client.start(context)
  const engine = await EngineUnderTest.start(flags)
  await java.got('connect', { url: engine.url.origin })
  const application = await JavaApplication.start(java, {
    service: serviceOf('secured'),
    instance: instanceOf(undefined),
    schemas: [HELLO],
    heartbeatMs: OFTEN_MS,
    pollMs: NEVER_MS,
    watch: true,
  })
  await application.untilTold('heartbeat', true)
  const end = async () => {
    await java[Symbol.asyncDispose]()
    await engine[Symbol.asyncDispose]()
  }
  return { java, engine, application, [Symbol.asyncDispose]: end }
}

async function registerProvider(java: Driver): Promise<string> {
  const { serviceId } = await java.got<{ serviceId: string }>('register-service', { service: serviceOf('provider') })
  return serviceId
}

test('service-center-client with its default options registers, beats, finds and watches over an RSA certificate', {
  timeout: SLOW_MS,
}, async (context) => {
  await using joined = await joinOver(context, folder.flags('rsa'))
  const { java, engine, application } = joined
  await application.untilWatching()
  const self = await java.got<{ instances: object[] }>('engines')
  expect(self.instances).toMatchObject([{ endpoints: [`rest://${engine.url.host}/?sslEnabled=true`] }])

  const serviceId = await registerProvider(java)
  await application.subscribe(keyOf('provider'))
  const other = createClient({ urls: engine.url.origin, tls: { ca: folder.authority.cert } })
  const instanceId = await other.instances.register(serviceId, { hostName: 'h', endpoints: ['rest://127.0.0.1:1'] })
  expect(await application.untilList('provider')).toMatchObject([{ instanceId }])
  await other.instances.unregister(serviceId, instanceId)
  expect(await application.untilList('provider')).toEqual([])
})

test('with an RSA certificate beside an EC one the watch opens too', { timeout: SLOW_MS }, async (context) => {
  const [, ecCert, , ecKey] = folder.flags('ec')
  const [, rsaCert, , rsaKey] = folder.flags('rsa')
  const flags = ['--tls.cert', `${ecCert},${rsaCert}`, '--tls.key', `${ecKey},${rsaKey}`]
  await using joined = await joinOver(context, flags)
  await joined.application.untilWatching()
})

test('with an EC certificate alone all works but the watch, which cannot be opened', {
  timeout: SLOW_MS,
}, async (context) => {
  await using joined = await joinOver(context, folder.flags('ec'))
  const { java, application } = joined
  await registerProvider(java)
  await application.untilWatchClosed()
  expect(application.pending('watching')).toEqual([])
})
