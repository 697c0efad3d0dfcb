const CONTRACTS = 'the endpoints of schemas are still to come'
const TAGS = 'the endpoints of tags are still to come'
const GOVERN = 'the govern endpoints are still to come'
const QUOTAS = 'quotas are still to come, and a server that is started with small ones'

/** Whole scenarios that need parts of the engine which are still to come, with what they wait for. */
const SCENARIOS: Readonly<Record<string, string>> = {
  'admin-all': 'the admin endpoints are still to come',
  'gov-policies': 'governance policies are still to come',
  'govern-apps-and-statistics': GOVERN,
  'govern-detail': GOVERN,
  'govern-list': GOVERN,
  'http-legacy-v3': 'the older prefix /registry/v3 is still to come',
  'limits-instance-quota': QUOTAS,
  'limits-schema-disabled': QUOTAS,
  'limits-service-quota': QUOTAS,
  'limits-tags': QUOTAS,
  'schemas-all': CONTRACTS,
  'schemas-one': CONTRACTS,
  'schemas-valid': CONTRACTS,
  'tags-all': TAGS,
  'tags-valid': TAGS,
}

/** Single cases, as `scenario: case`. */
const CASES: Readonly<Record<string, string>> = {
  'find-by-tags: tags of version 1': TAGS,
  'find-by-tags: tags of version 2': TAGS,
  'find-by-tags: a': TAGS,
  'find-by-tags: a and b': TAGS,
  'find-by-tags: a, noCache': TAGS,
  'http-body-limits: schema of 1 MiB': CONTRACTS,
  'http-body-limits: schema, 2097153 bytes': CONTRACTS,
  'http-unknown-routes: DELETE on apps': GOVERN,
  'http-unknown-routes: syncer health without peers': 'whether there will be a syncer is undecided',
  'microservices-create-full: schemas declared without content': CONTRACTS,
  'microservices-inline: tags': TAGS,
  'microservices-inline: tags were replaced': TAGS,
  'watch-events: tags': TAGS,
}

/** Why a case cannot be played yet, or undefined. */
export function pendingReason(scenario: string, caseName: string): string | undefined {
  return SCENARIOS[scenario] ?? CASES[`${scenario}: ${caseName}`]
}

/** Why a request of a recorded client cannot be sent yet, or undefined. */
export function pendingRequest(path: string): string | undefined {
  if (/\/schemas(?:[/?]|$)/.test(path)) return CONTRACTS
  return path.includes('/govern/') ? GOVERN : undefined
}

/** Entries that no recorded case has: leftovers. */
export function unusedPending(scenarios: ReadonlySet<string>, cases: ReadonlySet<string>): string[] {
  return [
    ...Object.keys(SCENARIOS).filter((scenario) => !scenarios.has(scenario)),
    ...Object.keys(CASES).filter((key) => !cases.has(key)),
  ]
}
