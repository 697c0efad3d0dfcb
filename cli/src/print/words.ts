import type { Instance } from '@rollcall/protocol/documents'

/** Colour of a status. */
export function statusColor(status: string): 'green' | 'red' | 'yellow' {
  if (status === 'UP') return 'green'
  return status === 'DOWN' || status === 'OUTOFSERVICE' ? 'red' : 'yellow'
}

/** Time of a document (Unix seconds as text) as date and time, UTC. */
export function timeText(seconds: string | undefined): string {
  const ms = Number(seconds) * 1000
  return Number.isFinite(ms) ? `${new Date(ms).toISOString().slice(0, 19).replace('T', ' ')}Z` : ''
}

export function endpointsText({ endpoints = [] }: Instance): string {
  return endpoints.join(' ')
}

/** Properties as `name=value`, by name. */
export function propertiesText(properties: Readonly<Record<string, string>> = {}): string {
  return Object.entries(properties)
    .map(([name, value]) => `${name}=${value}`)
    .sort()
    .join(' ')
}

export function jsonText(value: unknown): string {
  return `${JSON.stringify(value, undefined, 2)}\n`
}

/** A size for people. */
export function bytesText(bytes: number): string {
  const units = ['bytes', 'KiB', 'MiB', 'GiB', 'TiB']
  const power = Math.min(Math.floor(Math.log2(Math.max(bytes, 1)) / 10), units.length - 1)
  return `${(bytes / 1024 ** power).toFixed(power === 0 ? 0 : 1)} ${units[power]}`
}
