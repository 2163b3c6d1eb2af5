/**
 * Writes the documents of all versions of a BFF to its folder. What partners lose with a new document is refused: a
 * version that is out is not broken by accident.
 *
 * @module
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Bff } from '../bff.ts';
import {
  type ApiChange,
  changeLines,
  compareDocuments,
  documentOf,
  readSnapshot,
  snapshotText,
  versionsOf,
} from '../openapi/index.ts';
import { CommandFailed } from './command-failed.ts';

export interface SnapshotOptions {
  readonly folder: string;
  /** Whether a document may be replaced by one that breaks clients of the one before. */
  readonly allowsBreaking: boolean;
}

/** Where the documents of a BFF are. */
export function snapshotFolder(root: string, name: string): string {
  return join(root, 'bffs', name, 'openapi');
}

/**
 * Writes a file per version, and says what is different.
 *
 * @throws {CommandFailed} for a change that breaks clients; then nothing is written.
 */
export function writeSnapshots(
  bff: Pick<Bff, 'name' | 'owner' | 'graph' | 'declared'>,
  { folder, allowsBreaking }: SnapshotOptions,
): string {
  const files = versionsOf(bff).map(({ version }) => {
    const file = join(folder, `${version}.json`);
    const text = snapshotText(documentOf(bff, version));
    const before = existsSync(file) ? readFileSync(file, 'utf8') : undefined;
    const changes = before === undefined ? [] : compareDocuments(readSnapshot(before), readSnapshot(text));
    return { version, file, text, before, changes };
  });
  const broken = files.flatMap(({ version, changes }) =>
    changeLines(changes.filter(({ isBreaking }) => isBreaking)).map((line) => `  ${version} ${line}`),
  );
  if (broken.length > 0 && !allowsBreaking) {
    const advice = 'Make it a change module of a new version (docs/versions.md), or say --allow-breaking.';
    throw new CommandFailed(
      `${bff.name}: clients would break, so nothing was written\n${broken.join('\n')}\n${advice}`,
    );
  }
  mkdirSync(folder, { recursive: true });
  for (const { file, text, before } of files) if (text !== before) writeFileSync(file, text);
  return files
    .map(({ version, text, before, changes }) => `${version} ${verdictOf(text, before, changes)}\n`)
    .join('');
}

function verdictOf(text: string, before: string | undefined, changes: readonly ApiChange[]): string {
  if (before === undefined) return 'is new';
  if (text === before) return 'is the same';
  if (changes.length === 0) return 'says the same in other words';
  return ['is different', ...changeLines(changes)].join('\n  ');
}
