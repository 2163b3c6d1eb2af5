import { mkdir, mkdtemp, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import { afterEach, describe, expect, test } from 'vitest';
import { systemClock } from '../context/clock.ts';
import { manualClock } from '../testing/manual-clock.ts';
import { type FileAccess, nodeFiles, watchFile } from './watch-file.ts';

/** One file in memory, whose every write is stamped. */
function fakeFile(text: string | Error) {
  let content = text;
  let stamp = 1;
  let reads = 0;
  let stopped = 0;
  let onEvent = (): void => {};
  let onError: (error: Error) => void = () => {};
  const current = async <T>(value: T): Promise<T> => {
    if (content instanceof Error) throw content;
    return value;
  };
  const files: FileAccess = {
    stamp: () => current(String(stamp)),
    read: () => {
      reads += 1;
      return current(String(content));
    },
    watch(_path, event, error) {
      onEvent = event;
      onError = error;
      return () => {
        stopped += 1;
      };
    },
  };
  return {
    files,
    reads: () => reads,
    stopped: () => stopped,
    event: () => onEvent(),
    fail: (error: Error) => onError(error),
    /** Changes the file; the folder's watcher may miss it. */
    write(next: string | Error, isStamped = true) {
      content = next;
      if (isStamped) stamp += 1;
    },
  };
}

function watchFake(file: ReturnType<typeof fakeFile>, refuse?: string) {
  const clock = manualClock();
  const texts: string[] = [];
  const problems: string[] = [];
  const watching = watchFile('/etc/x.json', {
    files: file.files,
    clock,
    pollMs: 5_000,
    onText(text) {
      if (text === refuse) throw new RangeError(`refused ${text}`);
      texts.push(text);
    },
    onProblem: ({ message }) => problems.push(message),
  });
  const wait = async (ms: number): Promise<void> => {
    clock.advance(ms);
    await turn();
  };
  return { clock, texts, problems, watching, wait };
}

test('the file is read at first, and ready says when that was done', async () => {
  const { texts, watching } = watchFake(fakeFile('one'));
  expect(texts).toEqual([]);
  await watching.ready;
  expect(texts).toEqual(['one']);
});

describe('a change', () => {
  test('that the watcher sees is read 50 ms later, a burst of events once', async () => {
    const file = fakeFile('one');
    const { texts, watching, wait } = watchFake(file);
    await watching.ready;
    file.write('two');
    for (const _ of [1, 2, 3]) file.event();
    await wait(49);
    expect(texts).toEqual(['one']);
    await wait(1);
    expect(texts).toEqual(['one', 'two']);
    expect(file.reads()).toBe(2);
  });

  test('in a folder that is never quiet is not put off', async () => {
    const file = fakeFile('one');
    const { texts, watching, wait } = watchFake(file);
    await watching.ready;
    file.write('two');
    for (let step = 0; step < 6; step += 1) {
      file.event();
      await wait(10);
    }
    expect(texts).toEqual(['one', 'two']);
  });

  test('that the watcher misses is seen at the next look', async () => {
    const file = fakeFile('one');
    const { texts, watching, wait } = watchFake(file);
    await watching.ready;
    file.write('two');
    await wait(4_999);
    expect(texts).toEqual(['one']);
    await wait(1);
    expect(texts).toEqual(['one', 'two']);
    await wait(5_000);
    expect(file.reads()).toBe(2);
  });

  test('within the resolution of time stamps is seen when there was an event', async () => {
    const file = fakeFile('one');
    const { texts, watching, wait } = watchFake(file);
    await watching.ready;
    file.write('two', false);
    file.event();
    await wait(50);
    expect(texts).toEqual(['one', 'two']);
  });

  test('while a look is under way is looked at again', async () => {
    const file = fakeFile('one');
    const { texts, watching, wait } = watchFake(file);
    file.event();
    await watching.ready;
    file.write('two', false);
    await wait(50);
    expect(texts).toEqual(['one', 'two']);
  });

  test('that leaves the same text is none', async () => {
    const file = fakeFile('one');
    const { texts, watching, wait } = watchFake(file);
    await watching.ready;
    file.write('one');
    await wait(5_000);
    expect([texts, file.reads()]).toEqual([['one'], 2]);
  });
});

describe('a problem', () => {
  test('with reading is told once, until it changes, and is over when the file is back', async () => {
    const file = fakeFile(new Error('ENOENT'));
    const { texts, problems, watching, wait } = watchFake(file);
    await watching.ready;
    await wait(5_000);
    file.event();
    await wait(50);
    expect(problems).toEqual(['ENOENT']);
    file.write(new Error('EACCES'));
    await wait(5_000);
    expect(problems).toEqual(['ENOENT', 'EACCES']);
    file.write('one');
    await wait(5_000);
    expect([texts, problems.length]).toEqual([['one'], 2]);
  });

  test('with the text is told once, and a better text is taken', async () => {
    const file = fakeFile('bad');
    const { texts, problems, watching, wait } = watchFake(file, 'bad');
    await watching.ready;
    file.event();
    await wait(50);
    await wait(5_000);
    expect([texts, problems]).toEqual([[], ['refused bad']]);
    file.write('good');
    await wait(5_000);
    expect(texts).toEqual(['good']);
  });

  test('with watching leaves the looks', async () => {
    const file = fakeFile('one');
    const { texts, problems, watching, wait } = watchFake(file);
    await watching.ready;
    file.fail(new Error('ENOSPC'));
    file.write('two');
    await wait(5_000);
    expect([texts, problems]).toEqual([['one', 'two'], ['ENOSPC']]);
  });

  test('with starting to watch leaves the looks, too', async () => {
    const file = fakeFile('one');
    const broken = {
      ...file,
      files: {
        ...file.files,
        watch: () => {
          throw new Error('EMFILE');
        },
      },
    };
    const { texts, problems, watching, clock } = watchFake(broken);
    await watching.ready;
    expect([texts, problems]).toEqual([['one'], ['EMFILE']]);
    watching.stop();
    expect(clock.pending()).toBe(0);
  });
});

describe('stop leaves nothing behind', () => {
  test('between looks', async () => {
    const file = fakeFile('one');
    const { texts, clock, watching, wait } = watchFake(file);
    await watching.ready;
    watching.stop();
    file.write('two');
    file.event();
    await wait(60_000);
    expect([texts, clock.pending(), file.stopped()]).toEqual([['one'], 0, 1]);
  });

  test('during a look', async () => {
    const file = fakeFile('one');
    const { texts, problems, clock, watching } = watchFake(file);
    watching.stop();
    await watching.ready;
    expect([texts, problems, clock.pending(), file.stopped()]).toEqual([[], [], 0, 1]);
  });
});

describe('on the real file system', () => {
  const folders: string[] = [];
  const stops: (() => void)[] = [];
  afterEach(async () => {
    for (const stop of stops.splice(0)) stop();
    await Promise.all(folders.splice(0).map((folder) => rm(folder, { recursive: true })));
  });

  const tempFolder = async (): Promise<string> => {
    const folder = await mkdtemp(join(tmpdir(), 'watch-file-'));
    folders.push(folder);
    return folder;
  };
  /** Watches with the real clock, but without looks; `next` waits for a text. */
  const watchReal = (path: string) => {
    const texts: string[] = [];
    let heard = Promise.withResolvers<void>();
    const watching = watchFile(path, {
      files: nodeFiles,
      clock: systemClock,
      pollMs: 3_600_000,
      onText(text) {
        texts.push(text);
        heard.resolve();
      },
      onProblem: (error) => heard.reject(error),
    });
    stops.push(() => watching.stop());
    return async function next(): Promise<string | undefined> {
      while (texts.length === 0) {
        await heard.promise;
        heard = Promise.withResolvers();
      }
      return texts.shift();
    };
  };

  test('a file that is replaced is seen at once', async () => {
    const folder = await tempFolder();
    const path = join(folder, 'policy.json');
    await writeFile(path, 'one');
    const next = watchReal(path);
    expect(await next()).toBe('one');
    await writeFile(join(folder, 'new'), 'two');
    await rename(join(folder, 'new'), path);
    expect(await next()).toBe('two');
    await writeFile(path, 'three');
    expect(await next()).toBe('three');
  });

  test('a mounted ConfigMap that is swapped is seen at once', async () => {
    const folder = await tempFolder();
    for (const [version, text] of [
      ['..1', 'one'],
      ['..2', 'two'],
    ] as const) {
      await mkdir(join(folder, version));
      await writeFile(join(folder, version, 'policy.json'), text);
    }
    await symlink('..1', join(folder, '..data'));
    await symlink('..data/policy.json', join(folder, 'policy.json'));
    const next = watchReal(join(folder, 'policy.json'));
    expect(await next()).toBe('one');
    await symlink('..2', join(folder, '..data_tmp'));
    await rename(join(folder, '..data_tmp'), join(folder, '..data'));
    expect(await next()).toBe('two');
  });

  test('a stamp differs after every way of changing a file', async () => {
    const folder = await tempFolder();
    const path = join(folder, 'policy.json');
    await writeFile(path, 'one');
    const first = await nodeFiles.stamp(path);
    expect(await nodeFiles.stamp(path)).toBe(first);
    await writeFile(join(folder, 'new'), 'two');
    await rename(join(folder, 'new'), path);
    const second = await nodeFiles.stamp(path);
    await writeFile(path, 'three');
    expect(new Set([first, second, await nodeFiles.stamp(path)]).size).toBe(3);
  });

  test('a file of more than 1 MiB is not read', async () => {
    const path = join(await tempFolder(), 'policy.json');
    await writeFile(path, 'x'.repeat(1_048_577));
    await expect(nodeFiles.read(path)).rejects.toThrow(
      new RangeError(`${path} must have at most 1048576 bytes, got 1048577`),
    );
  });

  test('a folder that is not there is a problem to tell, and no more', async () => {
    await expect(watchReal('/nowhere/policy.json')()).rejects.toMatchObject({ code: 'ENOENT' });
  });
});
