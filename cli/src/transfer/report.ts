import { pathOf } from '../select.ts'
import { countsOf, type Difference, isNothing } from './difference.ts'

/** What is, or would be, done for one service; it keeps counts only, for there may be many instances. */
interface Change {
  readonly service: string
  readonly isNew: boolean
  readonly counts: ReturnType<typeof countsOf>
}

/** What an import changes, or would change. */
export class Report {
  readonly changes: Change[] = []
  #same = 0
  #others = 0

  /** @returns whether anything is to be done */
  add(difference: Difference): boolean {
    const { wanted, serviceId, otherInstances } = difference
    this.#others += otherInstances.length
    if (isNothing(difference)) {
      this.#same += 1
      return false
    }
    const counts = countsOf(difference).filter(([, count]) => count > 0)
    this.changes.push({ service: pathOf(wanted.service), isNew: serviceId === undefined, counts })
    return true
  }

  text(isDry: boolean): string {
    const lines = this.#sorted().map(({ service, isNew, counts }) => {
      const what = counts.map(([name, count]) => (name === 'properties' ? name : `${count} ${name}`)).join(', ')
      return `${isNew ? '+' : '~'} ${service}${what === '' ? '' : `: ${what}`}\n`
    })
    const created = this.changes.filter(({ isNew }) => isNew).length
    const parts = [`${created} new`, `${this.changes.length - created} changed`, `${this.#same} as they are`]
    const others = `${this.#others} instances live there with other addresses and stay as they are.\n`
    const verb = isDry ? 'Would import' : 'Imported'
    return `${lines.join('')}${verb} services: ${parts.join(', ')}.\n${this.#others === 0 ? '' : others}`
  }

  /** Services are worked on side by side, and shown in their order. */
  #sorted(): readonly Change[] {
    return this.changes.toSorted((one, other) => (one.service < other.service ? -1 : 1))
  }

  document(isDry: boolean): object {
    const changes = this.#sorted().map(({ counts, ...change }) => ({ ...change, ...Object.fromEntries(counts) }))
    return { isDryRun: isDry, changes, unchangedServices: this.#same, instancesElsewhere: this.#others }
  }
}
