import { type ScryptOptions, scryptSync } from 'node:crypto'
import { constants, setPriority } from 'node:os'

/** A password to be hashed; salt and hash in hex. */
export interface HashTask {
  readonly password: string
  readonly salt: string
  readonly length: number
  /** Of scrypt, as Node names them. */
  readonly options: ScryptOptions
}

/** The hash; without it, what kept it from being made. */
export type HashOutcome = { readonly hash: string } | { readonly defect: string }

function hashOf({ password, salt, length, options }: HashTask): HashOutcome {
  try {
    return { hash: scryptSync(password, Buffer.from(salt, 'hex'), length, options).toString('hex') }
  } catch (error) {
    return { defect: String(error) }
  }
}

// Whoever signs in can wait; whoever sends a heartbeat meanwhile must not notice. Not the lowest priority there is: with
// other programs on the machine that means seconds for one password, and clients give up.
setPriority(constants.priority.PRIORITY_BELOW_NORMAL)
process.on('message', (task: HashTask) => void process.send?.(hashOf(task)))
// It ends with the engine, which a Ctrl-C lets finish first.
process.on('disconnect', () => process.exit())
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => {})
