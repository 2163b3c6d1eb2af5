/**
 * The logger of a gateway: JSON lines, through pino where they are few, as ready text where they are many. Both go
 * the same way, so that the order of lines is the order of what happened.
 *
 * @see {@link https://getpino.io pino}
 * @module
 */
import pino from 'pino';
import { systemClock } from '../context/clock.ts';
import { quote } from './json-text.ts';
import { logTime } from './log-time.ts';
import { standardOutput } from './standard-output.ts';

export type LogLevel = 'info' | 'warn' | 'error';

/** What the gateway needs of a logger; pino's own type does not leak. The last three are optional: they save time. */
export interface Logger {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
  /** Whether lines of this level are written. Absent: all are. */
  wants?(level: LogLevel): boolean;
  /** Writes a line whose members are JSON text, such as `"status":200,"ms":12.3`. Absent: they come as fields. */
  json?(level: LogLevel, members: string, message: string): void;
  /** Resolves when what was written has left, or cannot. Absent: it leaves at once. */
  flush?(): Promise<void>;
}

export interface LoggerOptions {
  /** Field `service` of every line. */
  readonly name: string;
  /** Default `info`; `silent` writes nothing. */
  readonly level?: LogLevel | 'silent';
  /** Where lines go. Default standard output, several at a time. */
  readonly write?: (line: string) => void;
}

const ranks = { info: 0, warn: 1, error: 2, silent: 3 } as const;

/** A logger that writes JSON lines. */
export function jsonLogger(options: LoggerOptions): Logger {
  const { name, level = 'info' } = options;
  const time = logTime(systemClock);
  const { write, flush } =
    options.write === undefined ? toStandardOutput(name, time) : { write: options.write };
  const rank = ranks[level];
  const logger = pino(
    {
      base: { service: name },
      level,
      timestamp: time,
      formatters: { level: (label: string) => ({ level: label }) },
    },
    { write },
  );
  const service = `,"service":${quote(name)},`;
  return {
    info: (fields, message) => logger.info(fields, message),
    warn: (fields, message) => logger.warn(fields, message),
    error: (fields, message) => logger.error(fields, message),
    wants: (wanted) => ranks[wanted] >= rank,
    json(wanted, members, message) {
      if (ranks[wanted] >= rank)
        write(`{"level":"${wanted}"${time()}${service}${members},"msg":${quote(message)}}\n`);
    },
    ...(flush === undefined ? {} : { flush }),
  };
}

/** Lines that were dropped are told as soon as there is room again. */
function toStandardOutput(
  name: string,
  time: () => string,
): Pick<Required<Logger>, 'flush'> & { write(line: string): void } {
  const lines = standardOutput();
  let dropped = 0;
  const tell = (): void => {
    const line = `{"level":"error"${time()},"service":${quote(name)},"dropped":${dropped},"msg":"dropped"}\n`;
    if (lines.write(line)) dropped = 0;
  };
  return {
    write(line) {
      dropped += lines.takeLost();
      if (dropped > 0) tell();
      if (!lines.write(line)) dropped += 1;
    },
    flush: () => lines.flush(),
  };
}
