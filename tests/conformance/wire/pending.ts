/** Whole scenarios that need parts of the engine which are still to come, with what they wait for. */
const SCENARIOS: Readonly<Record<string, string>> = {
  'gov-policies': 'governance policies are still to come',
}

/** Single cases, as `scenario: case`. */
const CASES: Readonly<Record<string, string>> = {
  'rbac-authentication: syncer health needs none': 'whether there will be a syncer is undecided',
  'rbac-permissions: policies': 'governance policies are still to come',
  'http-unknown-routes: syncer health without peers': 'whether there will be a syncer is undecided',
}

const TOKENS = 'it watches services that the recording itself does not register'

/** Recorded client libraries that are not played yet, with what they wait for. */
export const PENDING_CLIENTS: Readonly<Record<string, string>> = {
  'java-service-center-client-with-token': TOKENS,
  'go-sc-client-with-token': TOKENS,
}

/** Why a case cannot be played yet, or undefined. */
export function pendingReason(scenario: string, caseName: string): string | undefined {
  return SCENARIOS[scenario] ?? CASES[`${scenario}: ${caseName}`]
}

/** Entries that no recorded case has: leftovers. */
export function unusedPending(scenarios: ReadonlySet<string>, cases: ReadonlySet<string>): string[] {
  return [
    ...Object.keys(SCENARIOS).filter((scenario) => !scenarios.has(scenario)),
    ...Object.keys(CASES).filter((key) => !cases.has(key)),
  ]
}
