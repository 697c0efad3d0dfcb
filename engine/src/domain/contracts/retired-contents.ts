import type { Committer, Plan } from '../../storage/commit.ts'
import { unchanged } from '../../storage/commit.ts'
import type { Entry } from '../../storage/store.ts'
import type { Tenant } from '../registry/index.ts'
import { contentOf, PREFIXES } from './keys.ts'
import type { ContractView } from './view.ts'

/** Contents that no contract has any more. */
export interface RetiredContents {
  readonly count: number
  /** Characters of them all. */
  readonly length: number
}

/**
 * Finds, and unless it is a dry run removes, the contents that no contract refers to.
 * @param tenant only of this one; undefined: of all
 */
export async function retireContents(
  { view, committer }: { readonly view: ContractView; readonly committer: Committer },
  { tenant, dryRun }: { readonly tenant: Tenant | undefined; readonly dryRun: boolean },
): Promise<RetiredContents> {
  let count = 0
  let length = 0
  for await (const page of committer.readAll(`${PREFIXES.contents}${tenant === undefined ? '' : `${tenant}/`}`)) {
    const unused = page.filter(({ key }) => {
      const content = contentOf(key)
      return (tenant ?? content.tenant) === content.tenant && !view.hasContent(content.tenant, content.hash)
    })
    const gone = dryRun
      ? unused.map(() => true)
      : await Promise.all(unused.map((entry) => remove(view, committer, entry)))
    unused.forEach(({ value }, index) => {
      if (gone[index] !== true) return
      count++
      length += value.length
    })
  }
  return { count, length }
}

/** A content that somebody refers to by then, or has stored anew, stays. */
function remove(view: ContractView, committer: Committer, { key, revision }: Entry): Promise<boolean> {
  const { tenant, hash } = contentOf(key)
  let isOvertaken = false
  return committer.change((): Plan<boolean> => {
    if (isOvertaken || view.hasContent(tenant, hash)) return unchanged(false)
    isOvertaken = true
    return { guards: [{ key, revision }], writes: [{ key }], result: true }
  })
}
