import type { Microservice } from '@rollcall/protocol/documents'
import { ANSWERS_PER_NAME_MAX } from '../../kernel/limits.ts'
import type { InstanceList, KnownService } from './types.ts'

/** All versions under one name (or alias) of one application and environment. */
export interface NameGroup {
  readonly versions: ReadonlyMap<string, KnownService>
  /** Answers to finds, by which of the versions they show; dropped at every change. */
  readonly answers: KeptAnswers
}

/** Answers of one group; how long all those of a registry are together is kept in a sum that the groups share. */
export class KeptAnswers {
  readonly #lists = new Map<string, InstanceList>()
  readonly #kept: { bytes: number }

  constructor(kept: { bytes: number }) {
    this.#kept = kept
  }

  get size(): number {
    return this.#lists.size
  }

  get(shown: string): InstanceList | undefined {
    return this.#lists.get(shown)
  }

  set(shown: string, list: InstanceList): void {
    this.#kept.bytes += list.bytes.length - (this.#lists.get(shown)?.bytes.length ?? 0)
    this.#lists.set(shown, list)
  }

  clear(): void {
    for (const { bytes } of this.#lists.values()) this.#kept.bytes -= bytes.length
    this.#lists.clear()
  }
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
