import { open, rename } from 'node:fs/promises'
import { dirname } from 'node:path'

/**
 * Writes a file that only its owner reads, all at once. It is on the disk when this resolves: what it holds opens
 * data directories, so that it must outlive a power cut as they do.
 */
export async function writeSecretFile(path: string, text: string): Promise<void> {
  const draft = `${path}.new`
  await using file = await open(draft, 'w', 0o600)
  // One that was left behind keeps the mode it had.
  await file.chmod(0o600)
  await file.writeFile(text)
  await file.sync()
  await rename(draft, path)
  await using directory = await open(dirname(path), 'r')
  await directory.sync()
}
