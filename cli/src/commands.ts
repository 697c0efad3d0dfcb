import type { Command } from 'commander'
import { addAccounts } from './commands/accounts.ts'
import { addAudit } from './commands/audit.ts'
import { addBackup } from './commands/backup.ts'
import { addCerts } from './commands/certs.ts'
import { addCompletion } from './commands/completion.ts'
import { addDependencies } from './commands/dependencies.ts'
import { addDoctor } from './commands/doctor.ts'
import { addErrors } from './commands/errors.ts'
import { addExport } from './commands/export.ts'
import { addFind } from './commands/find.ts'
import { addImport } from './commands/import.ts'
import { addInstances } from './commands/instances.ts'
import { addQuotas } from './commands/quotas.ts'
import { addRestore } from './commands/restore.ts'
import { addRoles } from './commands/roles.ts'
import { addSchemas } from './commands/schemas.ts'
import { addServe } from './commands/serve.ts'
import { addServices } from './commands/services.ts'
import { addVersion } from './commands/version.ts'
import { addWatch } from './commands/watch.ts'
import type { Surroundings } from './outcome.ts'

/** Adds every command, in the order of the help. The only file that knows them all. */
export function addCommands(program: Command, surroundings: Surroundings): void {
  const { terminal, outcome } = surroundings
  addServe(program, outcome)
  addServices(program, terminal)
  addInstances(program, terminal)
  addSchemas(program, terminal)
  addDependencies(program, terminal)
  addQuotas(program, terminal)
  addAudit(program, terminal)
  addFind(program, terminal)
  addWatch(program, terminal)
  addAccounts(program, terminal)
  addRoles(program, terminal)
  addExport(program, terminal)
  addImport(program, surroundings)
  addBackup(program, terminal)
  addRestore(program, terminal)
  addDoctor(program, surroundings)
  addCerts(program, terminal)
  addErrors(program, terminal)
  addCompletion(program, terminal)
  addVersion(program, terminal)
}
