import type { AnyErrorName, CatalogueEntry } from '@rollcall/protocol/error-guide'
import { CATALOGUE } from '@rollcall/protocol/error-guide'
import { CREDENTIAL_REASONS } from '@rollcall/protocol/error-guide-access'
import { errorStatus } from '@rollcall/protocol/errors'
import type { DescribedRow } from './groups.ts'
import { pathOf } from './groups.ts'

/** What a request for this row can be refused with, in the order of the catalogue. */
export function refusalsOf({ row, method, description }: DescribedRow): readonly CatalogueEntry[] {
  const { permission } = row
  const names = new Set<AnyErrorName>([
    'InvalidParameters',
    'TooManyRequests',
    'Internal',
    ...(description.refusals ?? []),
  ])
  if (permission !== 'public') names.add('Unauthorized')
  if (typeof permission !== 'string') names.add('NoPermission')
  if (method !== 'GET' && permission !== 'public' && row.family !== 'monitoring') names.add('StoreUnavailable')
  const body = 'body' in row ? row.body : undefined
  if (body !== undefined && 'read' in body) names.add(body.invalid).add('BodyUndecodable')
  return CATALOGUE.filter(({ name }) => names.has(name))
}

/** The catalogue of errors with the requests that can give each, as `GET /v4/errors` answers it. */
export function catalogueOf(described: readonly DescribedRow[]) {
  const current = described.filter(({ isLegacy }) => !isLegacy)
  const requests = new Map<AnyErrorName, string[]>(CATALOGUE.map(({ name }) => [name, []]))
  for (const one of current) {
    for (const { name } of refusalsOf(one)) requests.get(name)?.push(`${one.method} ${pathOf(one.row)}`)
  }
  const errors = CATALOGUE.map((entry) => ({
    code: entry.code,
    status: errorStatus(entry),
    text: entry.text,
    meaning: inBoth(entry.meaning),
    causes: { en: entry.causes.map(([english]) => english), zh: entry.causes.map(([, chinese]) => chinese) },
    remedy: inBoth(entry.remedy),
    requests: requests.get(entry.name) ?? [],
  }))
  const credentialReasons = Object.entries(CREDENTIAL_REASONS).map(([code, words]) => ({ code, text: inBoth(words) }))
  return { errors, credentialReasons }
}

function inBoth([en, zh]: readonly [string, string]) {
  return { en, zh }
}
