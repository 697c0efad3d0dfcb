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
  readonly value: number | Histogram | Total
}

/** Of a summary. */
export interface Total {
  readonly sum: number
  readonly count: number
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
      else lines.push(...distribution(name, labels, value))
    }
  }
  return [...lines, ''].join('\n')
}

function distribution(name: string, labels: Labels, value: Histogram | Total): string[] {
  const ends = (total: number) => [line(`${name}_sum`, labels, value.sum), line(`${name}_count`, labels, total)]
  if ('count' in value) return ends(value.count)
  const counts = value.cumulative()
  const bounds = [...value.bounds, '+Inf']
  return [
    ...bounds.map((le, index) => line(`${name}_bucket`, { ...labels, le }, counts[index] ?? 0)),
    ...ends(counts.at(-1) ?? 0),
  ]
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

export const gauge = (name: string, help: string, value: number): MetricFamily => single('gauge', { name, help, value })

export const counter = (name: string, help: string, value: number): MetricFamily =>
  single('counter', { name, help, value })

export const histogram = (name: string, help: string, value: Histogram): MetricFamily =>
  single('histogram', { name, help, value })

function single(
  kind: MetricFamily['kind'],
  { name, help, value }: { readonly name: string; readonly help: string; readonly value: Sample['value'] },
): MetricFamily {
  return { name, kind, help, samples: [{ value }] }
}
