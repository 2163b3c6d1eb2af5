/**
 * Targets from a JSON file that may change while the process runs, such as one a deployment writes:
 * `["http://10.0.0.1:8080", { "url": "http://10.0.0.2:8080", "weight": 2, "version": "v2" }]`.
 *
 * @module
 */
import { requireKnown, requireRange } from '../context/options.ts';
import type { Discovery } from './discovery.ts';
import { parseTargets, sameTargets, type Target } from './target.ts';
import { type FileAccess, nodeFiles, watchFile } from './watch-file.ts';

export interface FileTargetsOptions {
  /** Milliseconds between looks at a file that cannot be watched, from 100 to an hour. Default 5 000. */
  readonly pollMs?: number;
  /** Default the file system of the machine. */
  readonly files?: FileAccess;
}

/**
 * Reads the targets from `path`, at first and whenever it changes. A file that is missing, broken or
 * refused leaves the last good list in use.
 *
 * @throws {RangeError} for an unknown option or a value out of range.
 */
export function fileTargets(path: string, options: FileTargetsOptions = {}): Discovery {
  requireKnown('fileTargets', options, ['pollMs', 'files']);
  const { pollMs = 5_000, files = nodeFiles } = options;
  requireRange('fileTargets', 'pollMs', pollMs, 100, 3_600_000);
  return {
    start(onTargets, { clock, onProblem }) {
      let known: readonly Target[] = [];
      const onText = (text: string): void => {
        const targets = parseTargets(`fileTargets: ${path}`, jsonOf(path, text));
        if (sameTargets(known, targets)) return;
        known = targets;
        onTargets(targets);
      };
      return watchFile(path, { files, clock, pollMs, onText, onProblem }).stop;
    },
  };
}

function jsonOf(path: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new RangeError(`fileTargets: ${path} is not JSON`, { cause });
  }
}
