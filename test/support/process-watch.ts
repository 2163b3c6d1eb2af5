/**
 * What a process says when something was forgotten: rejections nobody handled, warnings such as too
 * many listeners.
 *
 * @module
 */

export interface ProcessWatch {
  readonly complaints: readonly unknown[];
  stop(): void;
}

/** Listens until `stop`. */
export function watchProcess(): ProcessWatch {
  const complaints: unknown[] = [];
  const note = (complaint: unknown): void => void complaints.push(complaint);
  process.on('unhandledRejection', note).on('warning', note);
  return {
    complaints,
    stop: () => void process.off('unhandledRejection', note).off('warning', note),
  };
}
