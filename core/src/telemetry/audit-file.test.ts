import { mkdtempSync, openSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { auditLogger } from './audit-file.ts';

let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'bffkit-audit-'));
  file = join(folder, 'audit.log');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const actionsIn = (path: string): unknown[] =>
  readFileSync(path, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line).action);

test('the file is there from the start, for its owner only, and has a line when the call returns', () => {
  const audit = auditLogger('web', { file });
  expect(statSync(file).mode & 0o777).toBe(0o600);
  audit.info({ action: 'key.create' }, 'audit');
  expect(JSON.parse(readFileSync(file, 'utf8'))).toMatchObject({
    service: 'web',
    action: 'key.create',
    msg: 'audit',
  });
});

test('what stands in it stays, also after a restart', () => {
  auditLogger('web', { file }).info({ action: 'one' }, 'audit');
  auditLogger('web', { file }).info({ action: 'two' }, 'audit');
  expect(actionsIn(file)).toEqual(['one', 'two']);
});

test('a file that is moved away is followed by a new one', () => {
  const audit = auditLogger('web', { file });
  audit.info({ action: 'one' }, 'audit');
  renameSync(file, `${file}.1`);
  audit.info({ action: 'two' }, 'audit');
  expect([actionsIn(`${file}.1`), actionsIn(file)]).toEqual([['one'], ['two']]);
  expect(statSync(file).mode & 0o777).toBe(0o600);
});

test('a file that cannot be written stops the start, and throws later; afterwards lines are whole', () => {
  expect(() => auditLogger('web', { file: folder })).toThrow(
    /auditLog: file must be one that can be appended to/,
  );
  const audit = auditLogger('web', { file });
  audit.info({ action: 'one' }, 'audit');
  renameSync(folder, `${folder}.away`);
  expect(() => audit.info({ action: 'two' }, 'audit')).toThrow(/ENOENT/);
  renameSync(`${folder}.away`, folder);
  audit.info({ action: 'three' }, 'audit');
  const lines = readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line !== '');
  expect(lines.map((line) => JSON.parse(line).action)).toEqual(['one', 'three']);
});

test('a descriptor will do', () => {
  const fd = openSync(file, 'a');
  auditLogger('web', { fd }).info({ action: 'one' }, 'audit');
  expect(actionsIn(file)).toEqual(['one']);
  expect(() => auditLogger('web', { fd: 0 })).toThrow(/auditLog: fd must be a number from 1 to 1023, got 0/);
});
