/**
 * The calls of one request as bars over time, one line each: dark while a service worked, light while the call
 * waited. What was sent more than once has a line per attempt.
 *
 * @module
 */
import type { AttemptFact } from '../context/events.ts';
import type { DecisionRecord, ExplainedCall } from '../explain/decision-record.ts';
import { milliseconds } from './quantities.ts';
import { type Paint, paint, shorten, type Terminal } from './terminal.ts';

interface Stretch {
  readonly startMs: number;
  readonly durationMs: number;
}

interface Line {
  readonly isCritical: boolean;
  readonly name: string;
  readonly operation: string;
  readonly waiting: Stretch;
  readonly working: readonly Stretch[];
  readonly note: string;
  readonly colour: Paint;
}

interface Widths {
  readonly name: number;
  readonly operation: number;
  readonly note: number;
  readonly bar: number;
}

const eighths = ['', '▏', '▎', '▍', '▌', '▋', '▊', '▉'];
const timeWidth = 9;
const gap = '  ';
const minBar = 12;
const enoughBar = 24;

export function waterfall({ calls, criticalPath, time }: DecisionRecord, terminal: Terminal): string {
  const lines = calls.flatMap((call) => linesOf(call, criticalPath.includes(call.node)));
  const totalMs = Math.max(
    time.totalMs,
    ...calls.map(({ startMs, durationMs }) => startMs + durationMs),
    0.01,
  );
  const widths = widthsFor(lines, terminal.columns);
  return [axis(totalMs, widths, terminal), ...lines.map((line) => show(line, { totalMs, widths, terminal }))]
    .map((line) => `${line.trimEnd()}\n`)
    .join('');
}

function linesOf(call: ExplainedCall, isCritical: boolean): Line[] {
  const { node, operation, startMs, durationMs, sent, attempts, outcome } = call;
  const waiting = { startMs, durationMs };
  const unknown = attempts > 0 ? [waiting] : [];
  const line: Line = {
    isCritical,
    name: node,
    operation,
    waiting,
    working: sent.length > 0 ? sent : unknown,
    note: noteOf(call),
    colour: outcome === 'ok' ? (sent.length > 1 ? 'yellow' : 'green') : 'red',
  };
  return sent.length > 1 || (sent.length > 0 && outcome !== 'ok') ? [line, ...sent.map(attemptLine)] : [line];
}

function attemptLine(attempt: AttemptFact): Line {
  const { reason, target, startMs, durationMs, status, outcome } = attempt;
  return {
    isCritical: false,
    name: `  ${reason}`,
    operation: target,
    waiting: { startMs, durationMs },
    working: [attempt],
    note: outcome === 'ok' ? String(status ?? 'ok') : outcome,
    colour: outcome === 'ok' ? 'green' : 'red',
  };
}

function noteOf({ outcome, status, slackMs, attempts }: ExplainedCall): string {
  const end = outcome === 'ok' ? String(status ?? 'ok') : outcome;
  const tries = attempts > 1 ? `, ${attempts} attempts` : '';
  return `${end}${tries}${slackMs === undefined || slackMs < 0.1 ? '' : `, slack ${milliseconds(slackMs)}`}`;
}

/** The bars get what is left; when that is too little, first the operations go, then the notes get shorter. */
function widthsFor(lines: readonly Line[], columns: number): Widths {
  const widest = (of: (line: Line) => string, most: number): number =>
    Math.min(most, Math.max(...lines.map((line) => of(line).length)));
  const name = widest((line) => line.name, columns < 70 ? 12 : 24);
  const operation = widest((line) => line.operation, 28);
  const note = widest((line) => line.note, 40);
  const rest = columns - 4 - name - 3 * gap.length - timeWidth - note;
  if (rest - operation - gap.length >= enoughBar) {
    return { name, operation, note, bar: rest - operation - gap.length };
  }
  const bar = Math.max(rest, minBar);
  return { name, operation: 0, note: Math.max(0, note - (bar - rest)), bar };
}

function axis(totalMs: number, { name, operation, bar }: Widths, terminal: Terminal): string {
  const from = '0';
  const to = milliseconds(totalMs);
  const line = `${from} ${'─'.repeat(Math.max(0, bar - from.length - to.length - 2))} ${to}`;
  const indent = 4 + name + gap.length + (operation === 0 ? 0 : operation + gap.length);
  return ' '.repeat(indent) + paint(terminal, 'dim', shorten(line, bar));
}

interface Drawing {
  readonly totalMs: number;
  readonly widths: Widths;
  readonly terminal: Terminal;
}

function show(line: Line, { totalMs, widths, terminal }: Drawing): string {
  const { name, operation, note, bar } = widths;
  const mark = line.isCritical ? paint(terminal, 'bold', '●') : ' ';
  const told = shorten(line.note, note);
  return [
    `  ${mark} ${shorten(line.name, name).padEnd(name)}`,
    ...(operation === 0
      ? []
      : [paint(terminal, 'dim', shorten(line.operation, operation).padEnd(operation))]),
    paint(terminal, line.colour, barOf(line, totalMs, bar)),
    milliseconds(line.waiting.durationMs).padStart(timeWidth),
    line.colour === 'red' ? paint(terminal, 'red', told) : told,
  ].join(gap);
}

function barOf({ waiting, working }: Line, totalMs: number, width: number): string {
  const cells = Array.from({ length: width }, () => ' ');
  const cellOf = (ms: number): number => (Math.min(Math.max(ms, 0), totalMs) / totalMs) * width;
  const from = Math.min(width - 1, Math.floor(cellOf(waiting.startMs)));
  const to = Math.ceil(cellOf(waiting.startMs + waiting.durationMs));
  cells.fill('░', from, Math.max(from + 1, to));
  if (working.length === 0) cells[from] = '×';
  for (const { startMs, durationMs } of working) {
    const start = Math.min(width - 1, Math.round(cellOf(startMs)));
    const length = Math.max(0.125, cellOf(startMs + durationMs) - start);
    const full = Math.min(width - start, Math.floor(length));
    cells.fill('█', start, start + full);
    const part = eighths[Math.round((length - Math.floor(length)) * 8) % 8] ?? '';
    if (part !== '' && start + full < width && cells[start + full] !== '█') cells[start + full] = part;
    else if (full === 0 && part === '') cells[start] = '▉';
  }
  return cells.join('');
}
