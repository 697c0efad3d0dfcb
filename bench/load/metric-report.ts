const MEMORY = {
  heapInit: 268_435_456,
  headMax: 4_294_967_296,
  heapCommit: 536_870_912,
  heapUsed: 201_326_592,
  nonHeapInit: 7_667_712,
  nonHeapCommit: 125_829_120,
  nonHeapUsed: 117_440_512,
}

/** What java-chassis sends every ten seconds: the same members in the same order. */
export function metricReport(name: string, interfaces: number): string {
  return JSON.stringify({
    appId: 'default',
    version: '1.0.0',
    name,
    serviceId: 'b8e4b2ff3e5f4c3f9a3d0c0a5a4b6c7d',
    environment: 'development',
    instance: 'host-1',
    instanceId: '0f1e2d3c4b5a69788796a5b4c3d2e1f0',
    cpu: 1.5,
    loadAverage: 0.5,
    uptime: 123_456,
    memory: MEMORY,
    interfaces: Array.from({ length: interfaces }, (_, index) => metricInterface(name, index)),
    customs: null,
    threadCount: 42,
  })
}

function metricInterface(service: string, index: number): object {
  return {
    name: `Provider.${service}.schema-${index % 4}.operation${index}`,
    desc: null,
    qps: 12.5 + index,
    latency: 17,
    l995: 71,
    l99: 62,
    l90: 53,
    l75: 41,
    l50: 16,
    l25: 9,
    l5: 4,
    rate: 0.98,
    failureRate: 0.02,
    total: 125 + index * 10,
    failure: 2,
    shortCircuited: 0,
    semaphoreRejected: 0,
    threadPoolRejected: 0,
    countTimeout: 1,
    circuitBreakerOpen: false,
  }
}
