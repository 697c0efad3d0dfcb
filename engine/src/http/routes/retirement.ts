import type { RetireBody } from '@rollcall/protocol/requests'
import { RETIRE } from '@rollcall/protocol/requests'
import type { Retirement } from '../../domain/contracts/index.ts'
import type { Verdict } from '../../domain/registry/index.ts'
import { RETIREMENTS_LISTED_MAX } from '../../kernel/limits.ts'
import { json } from '../answers.ts'
import type { Answer, Audited, Call, Route } from '../call.ts'
import { check } from '../checked.ts'
import { may } from '../permission.ts'

interface Defaults {
  readonly keep: number
  readonly minAgeHours: number
}

const HOUR_SECONDS = 3600

/** A dry run changes nothing. */
const RETIREMENT: Audited = {
  action: 'service.retire',
  resource: () => '',
  outcome: ({ body }, answer) => {
    if ((body as RetireBody).dryRun !== false) return undefined
    const { keep, minAgeHours, services, contents } = JSON.parse(String(answer.body))
    const { retiredCount, retired } = services
    return JSON.stringify({ keep, minAgeHours, retiredCount, contents, retired })
  },
}

/** Old versions and unused contents go, or are shown, when an operator says so. */
export function retirementRoutes(retirement: Retirement, defaults: Defaults): Route[] {
  return [
    {
      method: 'POST',
      family: 'v4',
      path: '/v4/:project/admin/retire',
      permission: may('update', 'ops'),
      audit: RETIREMENT,
      body: { shape: RETIRE },
      handle: (call) => retire(retirement, defaults, call),
    },
  ]
}

/** Nothing goes unless the request says in so many words that it is no dry run. */
async function retire(retirement: Retirement, defaults: Defaults, { tenant, body }: Call): Promise<Answer> {
  const asked = body as RetireBody
  const { dryRun = true, keep = defaults.keep, minAgeHours = defaults.minAgeHours } = asked
  check(RETIRE, { dryRun, keep, minAgeHours })
  const minAgeSeconds = minAgeHours * HOUR_SECONDS
  const { verdicts, contents } = await retirement.run(tenant, { dryRun, keep, minAgeSeconds })
  const retired = verdicts.filter(({ reason }) => reason === undefined)
  const newest = verdicts.filter(({ reason }) => reason === 'newest').length
  const kept = verdicts.filter(({ reason }) => reason !== undefined && reason !== 'newest')
  return json({
    dryRun,
    keep,
    minAgeHours,
    services: {
      retiredCount: retired.length,
      keptCount: kept.length + newest,
      retired: retired.slice(0, RETIREMENTS_LISTED_MAX).map(described),
      kept: kept.slice(0, RETIREMENTS_LISTED_MAX).map(described),
    },
    contents: { retiredCount: contents.count, characters: contents.length },
  })
}

function described({ id: serviceId, record, reason }: Verdict): object {
  const { environment = '', appId, serviceName, version } = record
  const named = { serviceId, environment, appId, serviceName, version }
  return reason === undefined ? named : { ...named, reason }
}
