/**
 * A file of its own for lines that say who changed what. It is only ever appended to, and opened for every line:
 * such lines are rare, and a file that was moved away, by whatever rotates logs, needs no signal. A line is with the
 * system when the function returns; when it cannot be written, the function throws.
 *
 * @see {@link https://cheatsheetseries.owasp.org/cheatsheets/Logging_Cheat_Sheet.html OWASP, logging}
 * @module
 */
import { closeSync, openSync, writeSync } from 'node:fs';
import { requireInteger, requireKnown } from '../context/options.ts';
import { jsonLogger, type Logger } from './logger.ts';

/** A file, made readable for its owner only, or a descriptor that the process was started with. */
export type AuditTarget = { readonly file: string } | { readonly fd: number };

const ownerOnly = 0o600;

/**
 * @param name Field `service` of every line.
 * @throws {RangeError} when the file cannot be opened now.
 */
export function auditLogger(name: string, target: AuditTarget): Logger {
  requireKnown('auditLog', target, ['file', 'fd']);
  return jsonLogger({ name, write: 'file' in target ? appendTo(target.file) : writeTo(target.fd) });
}

function appendTo(file: string): (line: string) => void {
  const append = (line: string): void => {
    const fd = openSync(file, 'a', ownerOnly);
    try {
      writeWhole(fd, line);
    } finally {
      closeSync(fd);
    }
  };
  try {
    append('');
  } catch (error) {
    throw new RangeError(`auditLog: file must be one that can be appended to: ${String(error)}`);
  }
  return afterTornLines(append);
}

function writeTo(fd: number): (line: string) => void {
  requireInteger('auditLog', 'fd', fd, 1, 1_023);
  return afterTornLines((line) => writeWhole(fd, line));
}

/** A line that broke off ends where the next one begins. */
function afterTornLines(write: (line: string) => void): (line: string) => void {
  let isTorn = false;
  return function writeLine(line) {
    const text = isTorn ? `\n${line}` : line;
    isTorn = true;
    write(text);
    isTorn = false;
  };
}

function writeWhole(fd: number, text: string): void {
  let rest: Uint8Array = Buffer.from(text);
  while (rest.length > 0) rest = rest.subarray(writeSync(fd, rest));
}
