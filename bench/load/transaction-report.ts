/** Stands in a document for a time; see `withTimes`. */
const timeOf = (call: string, offset: number): string => `time ${call} ${offset}`

/** Writes times as numbers. They begin alike, then comes the number of the request, so that later ones are later. */
function withTimes(json: string): string {
  return json.replace(/"time (\S+) (\d+)"/g, (_, call: string, offset: string) => `17${call}${offset.padStart(6, '0')}`)
}

/** What an instance sends of transactions that have ended since its last report: ids are new with each request. */
export function endedTransactions(entries: number): string {
  return report({ finishedTxList: list(entries, 'CONFIRMED', '%n%') })
}

/** What an instance sends every ten seconds of transactions in flight that have not moved. */
export function openTransactions(entries: number): string {
  return report({ activeTxList: list(entries, 'CONFIRMING', '0') })
}

function report(lists: object): string {
  const head = {
    appId: 'shop',
    serviceName: 'order',
    version: '1.0.0',
    environment: 'production',
    serviceId: 'b8e4b2ff3e5f4c3f9a3d0c0a5a4b6c7d',
    instanceId: '0f1e2d3c4b5a69788796a5b4c3d2e1f0',
    hostName: 'host-1',
    timestamp: timeOf('%n%', 1),
  }
  return withTimes(JSON.stringify({ head, ...lists }))
}

function list(entries: number, status: string, call: string): object[] {
  return Array.from({ length: entries }, (_, index) => transaction({ call, index, status }))
}

interface Entry {
  readonly call: string
  readonly index: number
  readonly status: string
}

/** As the SDK tells of a `withTcc` that names nobody else. */
function transaction({ call, index, status }: Entry): object {
  const id = `6d9e4a52-8b1f-4c3e-9a70-${call}-${index}`
  return {
    globalTxId: id,
    branchTxId: `${id}-b`,
    model: 'TCC',
    role: 'ROOT',
    status,
    beginTime: timeOf(call, index),
    updateTime: timeOf(call, index + 250),
    retriedCount: 0,
    participants: [],
    name: 'place an order',
    timeoutMs: 30_000,
  }
}
