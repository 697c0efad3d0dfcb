import { mkdir, open, stat } from 'node:fs/promises'
import { dirname } from 'node:path'

/** Makes sure that the names of new files in a folder outlive a loss of power. */
export async function syncFolder(folder: string): Promise<void> {
  // Windows has no handles of folders, and keeps names by itself.
  if (process.platform === 'win32') return
  const handle = await open(folder, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

/** Makes a folder and those above it if they are not there, so that they outlive a loss of power. */
export async function makeFolder(path: string): Promise<void> {
  // One by one: where nothing can be made, such as in /proc, Node's `recursive` tries for ever.
  try {
    await mkdir(path, { mode: 0o700 })
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'EEXIST' && (await stat(path)).isDirectory()) return
    if (code !== 'ENOENT' || dirname(path) === path) throw error
    await makeFolder(dirname(path))
    await mkdir(path, { mode: 0o700 })
  }
  await syncFolder(dirname(path))
}
