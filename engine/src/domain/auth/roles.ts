import type { Permission, Role } from '@rollcall/protocol/accounts'
import type { Clock } from '../../kernel/clock.ts'
import type { NewId } from '../../kernel/ids.ts'
import type { Committer } from '../../storage/commit.ts'
import { decideRole, decideRoleChange, decideRoleRemoval, findRole } from './decide.ts'
import type { LimitOf, Principal, RoleNode } from './types.ts'
import type { AuthView } from './view.ts'

interface Needs {
  readonly view: AuthView
  readonly committer: Committer
  readonly clock: Clock
  readonly newId: NewId
  readonly limitOf: LimitOf
}

/** What accounts may do, by role. Documents given in must have been checked against their shapes. */
export class Roles {
  readonly #needs: Needs

  constructor(needs: Needs) {
    this.#needs = needs
  }

  /** All roles by name. */
  list(): RoleNode[] {
    return this.#needs.view.roles()
  }

  /** @throws RoleNotFound */
  get(name: string): RoleNode {
    return findRole(this.#needs.view, name)
  }

  /** @throws RoleQuotaExceeded, RoleDuplicated, InvalidParameters, NoPermission */
  async create(by: Principal, role: Role): Promise<void> {
    const id = this.#needs.newId()
    const { limitOf, view, committer } = this.#needs
    const max = await limitOf('role', view.roles().length + 1)
    await committer.change(() => decideRole({ ...this.#context(by), max, since: committer.revision }, role, id))
  }

  /** Replaces the permissions. @throws BuiltInRole, RoleNotFound, InvalidParameters, NoPermission */
  change(by: Principal, name: string, perms: readonly Permission[]): Promise<void> {
    return this.#needs.committer.change(() => decideRoleChange(this.#context(by), name, perms))
  }

  /** @throws BuiltInRole, RoleNotFound, RoleBound, NoPermission */
  remove(by: Principal, name: string): Promise<void> {
    const { committer } = this.#needs
    return committer.change(() => decideRoleRemoval(this.#context(by), name, committer.revision))
  }

  #context(by: Principal) {
    return { view: this.#needs.view, by, seconds: String(Math.floor(this.#needs.clock.now() / 1000)) }
  }
}
