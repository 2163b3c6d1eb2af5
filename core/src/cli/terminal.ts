/**
 * What is written to: how wide it is, and whether it shows colours.
 *
 * @see {@link https://no-color.org NO_COLOR}
 * @module
 */
export interface Terminal {
  /** Characters in a line. */
  readonly columns: number;
  readonly hasColours: boolean;
}

export type Paint = 'bold' | 'dim' | 'red' | 'green' | 'yellow' | 'cyan';

const codes: Readonly<Record<Paint, number>> = { bold: 1, dim: 2, red: 31, green: 32, yellow: 33, cyan: 36 };
const usualColumns = 100;

/** The terminal of a stream; a file or a pipe has no colours and is a hundred characters wide. */
export function terminalOf(
  stream: { readonly isTTY?: boolean; readonly columns?: number },
  env: Readonly<Record<string, string | undefined>>,
): Terminal {
  const isTerminal = stream.isTTY === true;
  const hasColours = isTerminal && (env.NO_COLOR ?? '') === '' && env.TERM !== 'dumb';
  return { columns: isTerminal ? (stream.columns ?? usualColumns) : usualColumns, hasColours };
}

export function paint({ hasColours }: Terminal, how: Paint, text: string): string {
  return hasColours && text !== '' ? `\x1b[${codes[how]}m${text}\x1b[0m` : text;
}

/** The text, or its beginning with an ellipsis. */
export function shorten(text: string, width: number): string {
  return text.length <= width ? text : `${text.slice(0, Math.max(0, width - 1))}…`;
}
