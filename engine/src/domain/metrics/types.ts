import type { InstanceGauges } from '@rollcall/protocol/metrics'

/** Refusals of this module. */
export type MetricFailure = 'InvalidParameters'

/** `{domain}/{project}`. */
export type Tenant = string

/** One version of a service, as its instances name it; it need not be registered. */
export interface ReportingService {
  readonly environment: string
  readonly appId: string
  readonly serviceName: string
  readonly version: string
}

/** A process that reports. */
export interface Reporter extends ReportingService {
  /** Instance id, or the host name where a client sends no ids. */
  readonly instanceId: string
  /** Host name. */
  readonly instance: string
  readonly serviceId: string
}

/** How samples are kept. */
export interface MetricLimits {
  /** Fine resolution; an instance is silent after three times that. */
  readonly fineSeconds: number
  readonly fineRetentionSeconds: number
  readonly coarseSeconds: number
  readonly coarseRetentionHours: number
  /** Interfaces kept of one instance, and those of one version that have a history. */
  readonly interfacesPerInstance: number
  /** All samples together. */
  readonly maxMegabytes: number
}

/** What is wanted; what is left out does not narrow. */
export interface Selection {
  /** Which services whoever asks may see. */
  readonly sees?: ((service: ReportingService) => boolean) | undefined
  readonly environment?: string
  readonly appId?: string
  readonly serviceNames?: ReadonlySet<string>
  readonly version?: string
  /** Instance id or host name. */
  readonly instance?: string
  /** Name of an interface; with a star at its end the beginning of names. */
  readonly function?: string
}

/** What one element of an answer stands for. */
export type Level = 'application' | 'service' | 'version' | 'instance' | 'interface'

export const LEVELS: readonly Level[] = ['application', 'service', 'version', 'instance', 'interface']

/** Numbers of a group of samples. Times are milliseconds, rates percent, percentiles weighted means. */
export interface MetricNumbers extends Percentiles {
  /** Calls per second; adds up. */
  readonly qps: number
  /** Mean over all calls. */
  readonly latency: number
  /** From counts: 100 − failureRate. */
  readonly rate: number
  readonly failureRate: number
  readonly total: number
  readonly failure: number
  /** Share of calls that circuit breakers did not let through. */
  readonly breakerRateAgg: number
  /** Whether any breaker is open. */
  readonly circuitBreakerOpen: boolean
  readonly shortCircuited: number
  readonly semaphoreRejected: number
  readonly threadPoolRejected: number
  readonly countTimeout: number
  /** The largest that any sample has, where `l995` … `l5` are means. */
  readonly worst: Percentiles
}

export interface Percentiles {
  readonly l995: number
  readonly l99: number
  readonly l90: number
  readonly l75: number
  readonly l50: number
  readonly l25: number
  readonly l5: number
}

/** Who a group of samples is about; members that its level does not know are left out. */
export interface GroupName {
  readonly environment: string
  readonly appId: string
  readonly serviceName?: string
  readonly version?: string
  readonly instanceId?: string
  readonly instance?: string
  readonly functionName?: string
}

/** The current numbers of a group. */
export interface CurrentGroup {
  readonly name: GroupName
  readonly numbers: MetricNumbers
  /** Time of the newest report, milliseconds since the epoch. */
  readonly time: number
  readonly instances: number
  readonly silentInstances: number
  /** All its instances are silent: the numbers are the last known ones. */
  readonly isSilent: boolean
  readonly interfaces: number
  /** Of an instance. */
  readonly gauges?: InstanceGauges
}

/** A version whose instances report. */
export interface ReportingVersion {
  readonly tenant: Tenant
  readonly id: ReportingService
  readonly instances: readonly ReportingInstance[]
  /** Milliseconds since the epoch. */
  readonly lastAt: number
  /** Whether all its instances are silent. */
  readonly isSilent: boolean
  /** Since the engine started; they only grow. */
  readonly calls: number
  readonly failures: number
}

export interface ReportingInstance {
  readonly instanceId: string
  /** Host name. */
  readonly instance: string
  readonly serviceId: string
  readonly lastAt: number
  readonly isSilent: boolean
  readonly interfaces: number
  readonly gauges: InstanceGauges
}

/** Room that samples take. */
export interface MetricUse {
  readonly usedBytes: number
  readonly maxBytes: number
  /** Samples that were not kept for want of room, since the engine started. */
  readonly lostSamples: number
}

export interface CurrentQuery {
  readonly tenant: Tenant
  readonly selection: Selection
  readonly level: Level
  /** A fine slot of the past, to see what was known then; who was silent is not. */
  readonly asOf?: number | undefined
}

export interface SeriesQuery {
  readonly selection: Selection
  readonly level: Level
  /** Milliseconds since the epoch. */
  readonly from: number
  readonly to: number
  /** Seconds between points; rounded up to whole slots of the resolution that is used. */
  readonly stepSeconds: number
}

/** The numbers of each group over time. */
export interface SeriesAnswer {
  readonly resolution: 'fine' | 'coarse'
  readonly stepSeconds: number
  /** Begin of each point's span, milliseconds since the epoch. */
  readonly times: readonly number[]
  readonly series: readonly GroupSeries[]
}

export interface GroupSeries {
  readonly name: GroupName
  /** One for each time; undefined where nothing was reported: silence is not zero. */
  readonly points: readonly (MetricNumbers | undefined)[]
}
