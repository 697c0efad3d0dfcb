import type { Instance } from '@rollcall/protocol/documents'
import type { InstanceEvent, InstanceNode, KnownService } from './types.ts'

/** What a change of an instance is to those who listen; undefined when there was none and is none. */
export function eventOf(
  service: KnownService,
  before: InstanceNode | undefined,
  after: InstanceNode | undefined,
): InstanceEvent | undefined {
  const instance = after ?? before
  const action = actionOf(before, after)
  if (instance === undefined || action === undefined) return undefined
  return { action, told: actionOf(shown(before), shown(after)), service, instance }
}

/** The last member that a document may have (`INSTANCE`), with a number of seconds. */
const DRAINING = '"drainingUntil":'
const DRAINING_LENGTH_MAX = DRAINING.length + 24

/** Documents are not parsed as they come in: few end with this word, and fewer with a text that only looks like it. */
export function drainingUntilOf(text: string): number | undefined {
  if (text.indexOf(DRAINING, text.length - DRAINING_LENGTH_MAX) === -1) return undefined
  const { drainingUntil } = JSON.parse(text) as Instance
  return drainingUntil === undefined ? undefined : Number(drainingUntil)
}

function actionOf(before: object | undefined, after: object | undefined): InstanceEvent['action'] | undefined {
  if (after === undefined) return before === undefined ? undefined : 'DELETE'
  return before === undefined ? 'CREATE' : 'UPDATE'
}

/** The instance if finds show it. */
function shown(instance: InstanceNode | undefined): InstanceNode | undefined {
  return instance?.drainingUntil === undefined ? instance : undefined
}
