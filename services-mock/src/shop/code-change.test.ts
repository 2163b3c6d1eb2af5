import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { onCodeChange } from './code-change.ts';

let folder: string;
let stop: () => void;
let changes: number;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'bffkit-code-'));
  await writeFile(join(folder, 'app.ts'), '1');
  changes = 0;
  stop = onCodeChange([folder], () => {
    changes += 1;
  });
});

afterEach(async () => {
  stop();
  await rm(folder, { recursive: true });
});

/** Saves as editors and git do: a new file takes the name of the old one. */
async function saveByRename(path: string): Promise<void> {
  await writeFile(join(folder, 'draft'), '2');
  await rename(join(folder, 'draft'), join(folder, path));
}

const heard = (count: number) => vi.waitFor(() => expect(changes).toBe(count), { timeout: 5_000 });

test('hears of every save, by renaming again and again too', async () => {
  for (const save of [1, 2, 3]) {
    await saveByRename('app.ts');
    await heard(save);
  }
});

test('hears of files in folders that are new', async () => {
  await mkdir(join(folder, 'endpoints'));
  await vi.waitFor(
    async () => {
      await saveByRename('endpoints/home.ts');
      await vi.waitFor(() => expect(changes).toBeGreaterThan(0), { timeout: 400 });
    },
    { timeout: 5_000 },
  );
});

test.each(['page.css', 'page.html', 'page.js'])('hears of %s, which is read at boot', async (file) => {
  await saveByRename(file);
  await heard(1);
});

test('tests and other files restart nothing', async () => {
  await saveByRename('app.test.ts');
  await saveByRename('README.md');
  await saveByRename('app.ts'); // the change that is heard, once
  await heard(1);
});
