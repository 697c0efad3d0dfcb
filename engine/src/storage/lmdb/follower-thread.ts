import { parentPort, workerData } from 'node:worker_threads'
import { applyFrames, type Following } from './apply-frames.ts'
import { openTables } from './tables.ts'

/** What it is to write. */
export interface FollowerData {
  /** Of the database, which another thread reads. */
  readonly path: string
  readonly format: string
}

/** What it says when it has tried. */
export interface Followed {
  /** In words of the system or LMDB; absent: it is on the disk. */
  readonly refusal?: string
}

/** Writes into LMDB what it is sent, one after the other, until it is sent nothing. */
const { path, format } = workerData as FollowerData
const tables = await openTables(path, [format])

async function follow(following: Following): Promise<Followed> {
  try {
    await applyFrames(tables, following)
    return {}
  } catch (error) {
    return { refusal: error instanceof Error ? error.message : String(error) }
  }
}

parentPort?.on('message', async (following: Following | undefined) => {
  if (following !== undefined) return parentPort?.postMessage(await follow(following))
  await tables.env.close()
  parentPort?.close()
})
