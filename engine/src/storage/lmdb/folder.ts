import { open } from 'node:fs/promises'

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
