import { OWN_TENANT } from '../../domain/registry/index.ts'
import { fail } from '../../kernel/failure.ts'
import { json } from '../answers.ts'
import type { Call, Route } from '../call.ts'
import { may } from '../permission.ts'

interface Needs {
  /** Looks at everything; the findings are what is answered. */
  readonly examine: () => Promise<readonly object[]>
  /** Now, ms since the epoch. */
  readonly now: () => number
}

/** What the engine finds when it looks at itself, for operators. */
export function diagnosisRoutes({ examine, now }: Needs): Route[] {
  let running: Promise<readonly object[]> | undefined
  const handle = async ({ tenant }: Call) => {
    if (tenant !== OWN_TENANT) fail('Forbidden', 'Required admin permission')
    // Whoever asks while somebody is looking gets what that one sees.
    running ??= examine().finally(() => {
      running = undefined
    })
    const findings = await running
    return json({ time: now(), findings })
  }
  const path = '/v4/:project/admin/diagnosis'
  return [{ family: 'v4', method: 'GET', path, permission: may('get', 'ops'), handle }]
}
