import type { Histogram } from '../kernel/histogram.ts'

/** Numbers of one name in the text format of Prometheus. */
export interface MetricFamily {
  readonly name: string
  /** A summary has neither quantiles here nor buckets: a sum and a count. */
  readonly kind: 'counter' | 'gauge' | 'histogram' | 'summary'
  readonly help: string
  readonly samples: readonly Sample[]
}

export interface Sample {
  readonly labels?: Labels
  readonly value: number | Histogram
  /** What sums and bounds of a histogram are multiplied by; left out: 1. */
  readonly scale?: number
}

type Labels = Readonly<Record<string, string | number>>

/** The content type of the format. */
export const PROMETHEUS = ['Content-Type', 'text/plain; version=0.0.4; charset=utf-8'] as const

/** Writes families down, one line per sample. */
export function exposeFamilies(families: readonly MetricFamily[]): string {
  const lines: string[] = []
  for (const { name, kind, help, samples } of families) {
    lines.push(`# HELP ${name} ${help}`, `# TYPE ${name} ${kind}`)
    for (const sample of samples) {
      const { labels = {}, value } = sample
      if (typeof value === 'number') lines.push(line(name, labels, value))
      else lines.push(...distribution({ name, kind }, labels, { value, scale: sample.scale ?? 1 }))
    }
  }
  return [...lines, ''].join('\n')
}

function distribution(
  { name, kind }: Pick<MetricFamily, 'name' | 'kind'>,
  labels: Labels,
  { value, scale }: { readonly value: Histogram; readonly scale: number },
): string[] {
  const counts = value.cumulative()
  const total = counts.at(-1) ?? 0
  const ends = [line(`${name}_sum`, labels, value.sum * scale), line(`${name}_count`, labels, total)]
  if (kind !== 'histogram') return ends
  const bounds = [...value.bounds.map((bound) => bound * scale), '+Inf']
  return [...bounds.map((le, index) => line(`${name}_bucket`, { ...labels, le }, counts[index] ?? 0)), ...ends]
}

function line(name: string, labels: Labels, value: number): string {
  const text = labelText(labels)
  return text === '' ? `${name} ${value}` : `${name}{${text}} ${value}`
}

/** Labels as they stand between the braces of a sample. */
export function labelText(labels: Labels): string {
  return Object.entries(labels)
    .map(([name, value]) => `${name}="${escaped(String(value))}"`)
    .join(',')
}

function escaped(value: string): string {
  return value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')
}
