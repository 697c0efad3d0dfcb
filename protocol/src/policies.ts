/** Bodies of requests about policies of governance. */
import { json, map, object } from './shape.ts'

export interface PolicyBody {
  readonly name?: string
  readonly status?: string
  readonly selector?: Readonly<Record<string, string>>
  /** What a policy says depends on its kind. */
  readonly spec?: Readonly<Record<string, unknown>>
}
export const POLICY = object('Policy', { name: {}, status: {}, selector: { shape: map }, spec: { shape: json } })
