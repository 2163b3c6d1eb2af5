/**
 * A file that is replaced whole or not at all, whatever happens to the process or the power.
 *
 * @see {@link https://man7.org/linux/man-pages/man2/rename.2.html rename(2)}
 * @module
 */
import { open, rename, unlink } from 'node:fs/promises';
import { dirname } from 'node:path';
import { randomIds } from '../context/ids.ts';

const ids = randomIds(256);

/**
 * Replaces the file at `path`, readable by its owner only.
 *
 * @param isAllowed Asked at the last moment; false leaves the file as it is and rejects.
 */
export async function replaceFile(
  path: string,
  text: string,
  isAllowed: () => Promise<boolean>,
): Promise<void> {
  const fresh = `${path}.${ids.spanId()}.tmp`;
  try {
    const file = await open(fresh, 'wx', 0o600);
    try {
      await file.writeFile(text);
      await file.sync();
    } finally {
      await file.close();
    }
    if (!(await isAllowed())) throw new Error(`${path} is written by another process`);
    await rename(fresh, path);
  } catch (error) {
    await unlink(fresh).catch(() => {});
    throw error;
  }
  await syncFolder(dirname(path));
}

/** Without it the new name may be lost with the power. */
async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}
