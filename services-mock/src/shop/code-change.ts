/**
 * Tells when files change that a BFF reads when it starts. Watches folders, not files: editors and git save by renaming,
 * which ends the watch of a file, and of a recursive watch on Linux.
 *
 * @module
 */
import { type FSWatcher, readdirSync, watch } from 'node:fs';
import { join } from 'node:path';

const settleMs = 150;

/** Calls `onChange` once per burst of changes below `folders`, tests excepted, until the returned function is called. */
export function onCodeChange(folders: readonly string[], onChange: () => void): () => void {
  const watchers = new Map<string, FSWatcher>();
  let timer: NodeJS.Timeout | undefined;
  const rescan = (): void => {
    for (const folder of folders.flatMap(withSubfolders)) {
      if (!watchers.has(folder))
        watchers.set(
          folder,
          watch(folder, onEvent).on('error', () => forget(folder)),
        );
    }
  };
  const forget = (folder: string): void => {
    watchers.get(folder)?.close();
    watchers.delete(folder);
  };
  const onEvent = (_event: string, file: string | null): void => {
    rescan(); // the change may be a new folder
    if (file === null || !/\.(?:ts|js|css|html|svg)$/.test(file) || /\.test(-d)?\.ts$/.test(file)) return;
    clearTimeout(timer);
    timer = setTimeout(onChange, settleMs);
  };
  rescan();
  return () => {
    clearTimeout(timer);
    for (const folder of watchers.keys()) forget(folder);
  };
}

function withSubfolders(folder: string): string[] {
  const entries = readdirSync(folder, { withFileTypes: true, recursive: true });
  return [
    folder,
    ...entries.filter((entry) => entry.isDirectory()).map(({ parentPath, name }) => join(parentPath, name)),
  ];
}
