/** The settings of one process, frozen, in slices. */
export interface Settings {
  readonly server: {
    readonly host: string
    readonly port: number
    readonly advertised: string
    readonly maxHeaderBytes: number
    readonly maxBodyBytes: number
    readonly drainSeconds: number
  }
  readonly store: { readonly kind: 'lmdb' | 'memory'; readonly path: string }
  readonly tls: {
    readonly cert: string
    readonly key: string
    readonly ca: string
    readonly client: 'off' | 'optional' | 'require'
    readonly minVersion: '1.2' | '1.3'
    readonly reloadSeconds: number
  }
  readonly limits: {
    readonly headerSeconds: number
    readonly bodySeconds: number
    readonly idleSeconds: number
    readonly connectionsPerAddress: number
    readonly requestsPerSecond: number
    readonly overloadMs: number
  }
  readonly auth: {
    readonly mode: 'auto' | 'on' | 'off'
    readonly scope: string
    readonly privateKeyFile: string
    readonly publicKeyFiles: string
    readonly keyDays: number
    readonly lockSeconds: number
    readonly trustForwarded: boolean
    readonly openSockets: boolean
    readonly resetRoot: boolean
  }
  readonly audit: { readonly retentionDays: number; readonly maxMegabytes: number }
  readonly log: {
    readonly level: string
    readonly format: 'auto' | 'json' | 'pretty'
    readonly access: boolean
  }
  readonly discovery: {
    readonly versionRules: 'ignore' | 'apply'
    readonly selfPreservation: {
      readonly enabled: boolean
      readonly threshold: number
      readonly minInstances: number
      readonly maxSeconds: number
    }
  }
  readonly environments: { readonly free: boolean; readonly max: number }
  readonly contracts: { readonly editable: boolean; readonly putDisabled: boolean }
  readonly instance: { readonly minIntervalSeconds: number; readonly minTimes: number; readonly ttlSeconds: number }
  readonly quota: {
    readonly kind: 'builtin' | 'http'
    readonly url: string
    readonly timeoutMs: number
    readonly cacheSeconds: number
    readonly pauseSeconds: number
    readonly services: number
    readonly instances: number
    readonly schemas: number
    readonly tags: number
    readonly accounts: number
    readonly roles: number
  }
  readonly policies: { readonly kieUrl: string; readonly timeoutMs: number }
  readonly retire: { readonly everyHours: number; readonly keep: number; readonly minAgeHours: number }
  readonly metrics: {
    readonly fineSeconds: number
    readonly fineRetentionSeconds: number
    readonly coarseSeconds: number
    readonly coarseRetentionHours: number
    readonly interfacesPerInstance: number
    readonly maxMegabytes: number
  }
  readonly transactions: { readonly retentionHours: number; readonly maxBytes: number }
  readonly journal: { readonly maxMegabytes: number }
  readonly watch: { readonly pingSeconds: number; readonly idleSeconds: number }
}
