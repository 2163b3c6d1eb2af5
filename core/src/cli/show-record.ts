/**
 * A decision record for a person at a terminal: what was decided, then the waterfall, then where the time went.
 *
 * @module
 */
import type { DecisionRecord, ExplainedCall, NotCalled } from '../explain/decision-record.ts';
import { milliseconds, size, span } from './quantities.ts';
import { paint, shorten, type Terminal } from './terminal.ts';
import { waterfall } from './waterfall.ts';

const labelWidth = 10;
const minColumns = 40;
const maxColumns = 140;

/** Every line ends within the terminal. */
export function showRecord(record: DecisionRecord, terminal: Terminal): string {
  const columns = Math.min(Math.max(terminal.columns - 1, minColumns), maxColumns);
  const screen = { ...terminal, columns };
  const blocks = [
    heading(record, screen),
    facts(record)
      .map(([label, texts]) => section(label, texts, screen))
      .join(''),
    record.calls.length === 0 ? '' : waterfall(record, screen),
    ending(record)
      .map(([label, texts]) => section(label, texts, screen))
      .join(''),
  ];
  return blocks.filter((block) => block !== '').join('\n');
}

function heading(
  { method, route, status, time, bff, at, requestId }: DecisionRecord,
  terminal: Terminal,
): string {
  const colour = status >= 500 ? 'red' : status >= 400 ? 'yellow' : 'green';
  const end = `${status}  ${milliseconds(time.totalMs)}`;
  const target = shorten(`${method} ${route}`, terminal.columns - end.length - 2);
  const about = `${bff}  ${at.replace('T', ' ').replace(/\.\d+Z$/, ' UTC')}`;
  return [
    `${paint(terminal, 'bold', target)}  ${paint(terminal, colour, String(status))}  ${milliseconds(time.totalMs)}`,
    ...wrap([about, requestId], terminal.columns).map((line) => paint(terminal, 'dim', line)),
  ]
    .map((line) => `${line}\n`)
    .join('');
}

type Fact = readonly [label: string, texts: readonly string[]];

function facts(record: DecisionRecord): Fact[] {
  const { problem, cache, notCalled, degraded, bytesIn, bytesOut } = record;
  return [
    ['problem', problem === undefined ? [] : [`${problem.code}: ${problem.title}`]],
    ['caller', [callerText(record)]],
    ['limits', limitTexts(record)],
    ['cache', cache.map(({ node = 'the whole answer', outcome }) => `${node}: ${outcome}`)],
    ['not called', notCalledTexts(notCalled)],
    ['missing', degraded.map(({ node, why }) => (why === undefined ? node : `${node}: ${why}`))],
    ['size', [bytesIn === 0 ? `${size(bytesOut)} out` : `${size(bytesIn)} in, ${size(bytesOut)} out`]],
  ];
}

const whyNot: Readonly<Record<NotCalled, string>> = {
  condition: 'its condition did not hold',
  cache: 'the cache had it',
  'no-keys': 'there was nothing to ask for',
  'not-reached': 'the request ended before',
};

function notCalledTexts(nodes: DecisionRecord['notCalled']): string[] {
  const groups = Map.groupBy(nodes, ({ why }) => why);
  return [...groups].map(([why, group]) => `${group.map(({ node }) => node).join(', ')}: ${whyNot[why]}`);
}

function callerText({ identity }: DecisionRecord): string {
  if (identity === undefined) return 'nobody signed in';
  const { id, tenant, by } = identity;
  return `${id}${tenant === undefined ? '' : ` of ${tenant}`}${by === undefined ? '' : `, by ${by}`}`;
}

function limitTexts({ limits }: DecisionRecord): string[] {
  if (limits === undefined) return [];
  const { standing, cost, decidedBy, refusedBy } = limits;
  const who = decidedBy === 'store' ? 'the store' : `'${decidedBy}', as the store was away`;
  return [
    ...standing.map(({ limit, remaining, retryAfterMs, resetAfterMs, allowed }) =>
      allowed && !refusedBy.includes(limit)
        ? `${limit}: ${remaining} left, all back in ${span(resetAfterMs)}`
        : `${limit}: refused, again in ${span(retryAfterMs)}`,
    ),
    `decided by ${who}, cost ${cost}`,
  ];
}

function ending({ time, criticalPath, calls, callsLeftOut }: DecisionRecord): Fact[] {
  const { totalMs, upstreamMs, gatewayMs } = time;
  const share = totalMs === 0 ? 0 : Math.round((gatewayMs / totalMs) * 100);
  const called = new Set(calls.map(({ node }) => node));
  const path = criticalPath.filter((node) => called.has(node)); // what is between them takes no time
  const whys = calls.flatMap(({ node, why }) => (why === undefined ? [] : [`${node}: ${why}`]));
  return [
    ['why', [...new Set(whys)]],
    ['breakers', breakerTexts(calls)],
    ['left out', callsLeftOut === 0 ? [] : [`${callsLeftOut} more calls`]],
    [
      'time',
      [`${milliseconds(upstreamMs)} in services`, `${milliseconds(gatewayMs)} in the gateway (${share} %)`],
    ],
    ['critical', path.length === 0 ? [] : [path.join(' → ')]],
  ];
}

function breakerTexts(calls: readonly ExplainedCall[]): string[] {
  const troubled = calls.filter(({ breaker }) => breaker !== undefined && breaker !== 'closed');
  return [...new Set(troubled.map(({ operation, breaker }) => `${operation}: ${breaker}`))];
}

/** A label, and texts beside it: as many in a line as there is room for. */
function section(label: string, texts: readonly string[], terminal: Terminal): string {
  return wrap(texts, terminal.columns - labelWidth - 4)
    .map((line, index) => {
      const begin = (index === 0 ? label : '').padEnd(labelWidth);
      return `  ${paint(terminal, 'dim', begin)}  ${line}\n`;
    })
    .join('');
}

const between = '   ';

function wrap(texts: readonly string[], width: number): string[] {
  const lines: string[] = [];
  for (const text of texts.map((each) => shorten(each, width))) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + between.length + text.length <= width) {
      lines[lines.length - 1] = last + between + text;
    } else lines.push(text);
  }
  return lines;
}
