import type { Clock, Stoppable } from '../../kernel/clock.ts'
import type { Log } from '../../kernel/log.ts'
import type { Committer } from '../../storage/commit.ts'
import type { RegistryView, RetiredVersions, RetireRules, Tenant, Verdict } from '../registry/index.ts'
import type { RetiredContents } from './retired-contents.ts'
import { retireContents } from './retired-contents.ts'
import type { ContractView } from './view.ts'

interface Needs {
  readonly registry: RegistryView
  readonly versions: RetiredVersions
  readonly contracts: ContractView
  readonly committer: Committer
  readonly clock: Clock
  readonly log: Log
  /** Told of the versions that a run of its own has removed, tenant by tenant; nobody asked for them to go. */
  readonly onRetired: (tenant: Tenant, retired: readonly Verdict[]) => void
}

/** What one run did, or would do. */
export interface RetireReport {
  readonly verdicts: readonly Verdict[]
  readonly contents: RetiredContents
}

const HOUR_MS = 3_600_000

/** Lets go of what nobody needs: old versions without instances, and contents that no contract has any more. */
export class Retirement {
  readonly #needs: Needs
  #timer: Stoppable | undefined
  #isRunning = false

  constructor(needs: Needs) {
    this.#needs = needs
  }

  /** Runs every so many hours for all tenants; 0: never. */
  start(everyHours: number, rules: RetireRules): void {
    if (everyHours > 0) this.#timer = this.#needs.clock.every(everyHours * HOUR_MS, () => void this.#runAll(rules))
  }

  stop(): void {
    this.#timer?.stop()
  }

  /** Retires what a tenant does not need. Versions go first, since contracts go with them. */
  async run(tenant: Tenant, rules: RetireRules & { readonly dryRun: boolean }): Promise<RetireReport> {
    const { versions, contracts: view, committer } = this.#needs
    const verdicts = rules.dryRun ? versions.judge(tenant, rules) : await versions.retire(tenant, rules)
    const contents = await retireContents({ view, committer }, { tenant, dryRun: rules.dryRun })
    return { verdicts, contents }
  }

  async #runAll(rules: RetireRules): Promise<void> {
    if (this.#isRunning) return
    this.#isRunning = true
    const { registry, versions, contracts: view, committer, log, onRetired } = this.#needs
    try {
      let services = 0
      for (const tenant of [...registry.tenants()]) {
        const verdicts = await versions.retire(tenant, rules)
        const retired = verdicts.filter(({ reason }) => reason === undefined)
        services += retired.length
        if (retired.length > 0) onRetired(tenant, retired)
      }
      const contents = await retireContents({ view, committer }, { tenant: undefined, dryRun: false })
      log.info({ services, contents: contents.count }, 'old versions and unused contents retired')
    } catch (err) {
      log.warn({ err }, 'the retirement of old versions broke off; it goes on with its next run')
    } finally {
      this.#isRunning = false
    }
  }
}
