import type { Microservice } from '@rollcall/protocol/documents'
import { ANSWERS_PER_NAME_MAX } from '../../kernel/limits.ts'
import type { InstanceList, KnownService } from './types.ts'

/** All versions under one name (or alias) of one application and environment. */
export interface NameGroup {
  readonly versions: ReadonlyMap<string, KnownService>
  /** Answers to finds, by which of the versions they show; dropped at every change. */
  readonly answers: Map<string, InstanceList>
}

/** Stands for all versions of a group; no service id looks like it, because ids hold no white space. */
export const ALL = ' '

/** Keeps an answer until something in the group changes. */
export function keep(group: NameGroup, shown: string, answer: InstanceList): InstanceList {
  if (group.answers.size >= ANSWERS_PER_NAME_MAX) group.answers.clear()
  group.answers.set(shown, answer)
  return answer
}

/** The path under which all versions of a name (or alias) are indexed. */
export function namePath(key: Pick<Microservice, 'environment' | 'appId'>, name: string | undefined): string {
  return `${key.environment ?? ''}/${key.appId ?? ''}/${name ?? ''}`
}
