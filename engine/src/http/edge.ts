import type { Clock } from '../kernel/clock.ts'
import type { Log } from '../kernel/log.ts'
import { Admission } from './admission.ts'
import type { Alarms } from './alarms.ts'
import { Auditor } from './auditor.ts'
import type { Route, SocketRoute } from './call.ts'
import { addressReader } from './call-of.ts'
import type { Gate } from './gate.ts'
import { Pipeline } from './pipeline.ts'
import { Replier } from './reply.ts'
import { Router } from './router.ts'
import { withDocuments } from './routes/documents.ts'
import { legacyRoutes, legacySockets } from './routes/legacy.ts'
import { HttpServer } from './server.ts'
import type { Tls } from './tls.ts'

interface Needs extends Omit<ConstructorParameters<typeof Auditor>[0], 'addressOf'> {
  readonly routes: readonly Route[]
  readonly sockets: readonly SocketRoute[]
  readonly gate: Gate
  /** Present when there is access control. */
  readonly auth: object | undefined
  readonly alarms: Alarms
  readonly tls: Tls | undefined
  readonly clock: Clock
  readonly log: Log
  readonly settings: {
    readonly server: { readonly maxBodyBytes: number; readonly maxHeaderBytes: number }
    readonly limits: ConstructorParameters<typeof Admission>[0]['limits'] &
      ConstructorParameters<typeof HttpServer>[0]['deadlines']
    readonly auth: { readonly trustForwarded: boolean }
  }
  readonly version: string
}

/** Puts the edge together from its rows, to which the older prefix and the documents about them are added. */
export function createEdge(needs: Needs): HttpServer {
  const { routes, gate, auth, alarms, tls, clock, log, settings, version } = needs
  const { server, limits } = settings
  const { trustForwarded } = settings.auth
  const sockets = [...needs.sockets, ...legacySockets(needs.sockets)]
  const router = new Router(withDocuments([...routes, ...legacyRoutes(routes)], sockets, version), sockets)
  const admission = new Admission({ clock, log, limits, trustForwarded })
  const pipeline = new Pipeline({
    router,
    replier: new Replier(`Rollcall/${version}`),
    log,
    alarms,
    bodyBytesMax: server.maxBodyBytes,
    gate,
    admission,
    auditor: new Auditor({ ...needs, addressOf: addressReader(true, trustForwarded) }),
    addressOf: addressReader(auth !== undefined, trustForwarded),
  })
  return new HttpServer({
    pipeline,
    admission,
    log,
    clock,
    headerBytesMax: server.maxHeaderBytes,
    deadlines: limits,
    tls,
  })
}
