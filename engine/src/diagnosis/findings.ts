/** Something that was looked at, for operators. */
export interface Finding {
  /** What was looked at, for example `disk space`. */
  readonly check: string
  readonly level: 'ok' | 'warning' | 'problem'
  /** What was seen. */
  readonly message: string
  /** What to do about it; absent when there is nothing to do. */
  readonly remedy?: string
}

const MIB = 1024 * 1024
const FREE_BYTES_MIN = 256 * MIB
const FREE_BYTES_GOOD = 2048 * MIB
/** A restored copy, or LMDB's own growth, needs as much again. */
const FREE_FACTOR = 2
const FILES_MIN = 1024
const FILES_GOOD = 16_384
/** Files are stamped by another clock than programs read: so much may lie between the two. */
const STAMP_TOLERANCE_MS = 5000
const OTHERS_BITS = 0o077

/** Whether there is room for what is written. @param used bytes that the data folder takes */
export function judgeDisk({ free, used }: { readonly free: number; readonly used: number }): Finding {
  const check = 'disk space'
  const message = `${mib(free)} free where the data folder lies, which takes ${mib(used)}`
  if (free < FREE_BYTES_MIN) {
    return { check, level: 'problem', message, remedy: 'Make room now: writes are refused (500011) when it is full.' }
  }
  if (free < FREE_BYTES_GOOD || free < used * FREE_FACTOR) {
    return { check, level: 'warning', message, remedy: 'Make room, or move the data folder to a larger disk.' }
  }
  return { check, level: 'ok', message }
}

/** Whether enough connections can be open. @param files limit of open files; undefined: none, or not known */
export function judgeLimits(files: number | undefined): Finding {
  const check = 'open files'
  if (files === undefined) return { check, level: 'ok', message: 'no limit of open files is known' }
  const message = `${files} files may be open, and each connection takes one`
  const remedy = 'Raise it: "ulimit -n 65536" before the start, or LimitNOFILE=65536 in a systemd unit.'
  if (files < FILES_MIN) return { check, level: 'problem', message, remedy }
  return files < FILES_GOOD ? { check, level: 'warning', message, remedy } : { check, level: 'ok', message }
}

interface Place {
  readonly path: string
  /** Permission bits. */
  readonly mode: number
  readonly owner: number
}

/** Whether only the engine may read what it keeps, and may write it. @param user who runs the engine */
export function judgePermissions(places: readonly Place[], user: number): Finding {
  const check = 'permissions'
  const foreign = places.find(({ owner }) => owner !== user && user !== 0)
  if (foreign !== undefined) {
    const message = `${foreign.path} belongs to user ${foreign.owner}, the engine runs as ${user}`
    return {
      check,
      level: 'problem',
      message,
      remedy: `chown -R ${user} the data folder, or run the engine as its owner.`,
    }
  }
  const [folder] = places
  if (folder !== undefined && (folder.mode & OTHERS_BITS) !== 0) {
    const message = `${folder.path} is open to others (mode ${folder.mode.toString(8)})`
    return {
      check,
      level: 'warning',
      message,
      remedy: `chmod 700 ${folder.path}: it holds what accounts are known by.`,
    }
  }
  return { check, level: 'ok', message: 'only the engine may read and write its data folder' }
}

/** A folder that cannot even be looked at. @param code the system's word for why */
export function judgeUnreadable(path: string, code: string): Finding {
  const message = `${path} cannot be looked at (${code})`
  const remedy = 'Is it there, and may the user that runs this read it? Then name it with --store.path.'
  return { check: 'data folder', level: 'problem', message, remedy }
}

/** Whether the clock was set back. @param newest when the latest file of the data folder was written, ms */
export function judgeClock(now: number, newest: number): Finding {
  const check = 'clock'
  const message = `the clock says ${new Date(now).toISOString()}`
  if (newest <= now + STAMP_TOLERANCE_MS) return { check, level: 'ok', message }
  const seconds = Math.round((newest - now) / 1000)
  const remedy = 'Set it right and keep it so (chrony, systemd-timesyncd); times of documents come from it.'
  return { check, level: 'problem', message: `${message}, but files were written ${seconds} s later than that`, remedy }
}

/** Whether memory is what the store says. */
export function judgeConsistency(compared: number, differing: readonly string[]): Finding {
  const check = 'memory and store'
  const [first] = differing
  if (first === undefined) return { check, level: 'ok', message: `${compared} services and instances agree` }
  const message = `${differing.length} of ${compared} services and instances differ, the first is ${first}`
  const remedy = "Restart the engine, which reads everything anew, and report it with the engine's log: it is a defect."
  return { check, level: 'problem', message, remedy }
}

function mib(bytes: number): string {
  return `${Math.floor(bytes / MIB)} MiB`
}
