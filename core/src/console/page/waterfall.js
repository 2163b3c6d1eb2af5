/**
 * The waterfall of one request: a bar per call and per attempt, what the cache said, how the limits stood.
 *
 * @module
 */
import { h } from './dom.js';
import { formatBytes, formatMs, formatSaved, formatTime } from './format.js';
import { statusTone } from './parts.js';

/** @param {any} request @param {any} [endpoint] */
export function waterfall(request, endpoint) {
  const whole = Math.max(
    request.ms,
    ...request.calls.map((/** @type {any} */ call) => call.startMs + call.ms),
    0.1,
  );
  const critical = new Set(request.critical);
  const calls = [...request.calls].sort((a, b) => a.startMs - b.startMs);
  const unbegun = calls.filter(isUnbegun);
  const rows = calls
    .filter((call) => !isUnbegun(call))
    .map((call) => callRows(call, request, whole, critical));
  const orphans = request.lookups
    .filter(
      (/** @type {any} */ lookup) =>
        lookup.node === undefined || !calls.some(({ node }) => node === lookup.node),
    )
    .map((/** @type {any} */ lookup) => lookupRow(lookup, whole));
  return h(
    'div',
    { class: 'waterfall' },
    h(
      'dl',
      { class: 'facts' },
      fact(
        'Status',
        h(
          'span',
          { 'data-tone': statusTone(request.status) },
          `${request.status}${request.code ? ` ${request.code}` : ''}`,
        ),
      ),
      fact('Time', formatMs(request.ms)),
      fact('At', formatTime(request.atMs)),
      fact('Caller', h('span', { class: 'mono' }, request.caller)),
      fact(
        'Bytes',
        `${formatBytes(request.up)} → ${formatBytes(request.out)} ${formatSaved(request.up, request.out)}`,
      ),
      request.degraded.length > 0
        ? fact('Without', h('span', { 'data-tone': 'warn' }, request.degraded.join(', ')))
        : null,
      fact('Request', h('span', { class: 'mono wrap' }, request.id)),
    ),
    request.cause ? h('p', { class: 'cause' }, request.cause) : null,
    rows.length + orphans.length === 0
      ? h('p', { class: 'empty' }, request.calls.length > 0 ? 'No call was begun.' : 'No service was asked.')
      : h(
          'table',
          { class: 'bars', 'aria-label': `Calls of the request of ${formatTime(request.atMs)}` },
          h(
            'thead',
            {},
            h(
              'tr',
              {},
              h('th', { scope: 'col' }, 'Node'),
              h('th', { scope: 'col', class: 'track' }, scale(whole)),
              h('th', { scope: 'col', class: 'num' }, 'Time'),
            ),
          ),
          h('tbody', {}, orphans, rows.flat()),
        ),
    unbegun.length > 0 ? h('p', { class: 'muted' }, `Not begun: ${unbegun.map(reasonOf).join(', ')}`) : null,
    request.standing.length > 0
      ? h(
          'p',
          { class: 'standing' },
          'Limits: ',
          request.standing.map((/** @type {any} */ one, /** @type {number} */ index) =>
            h(
              'span',
              { 'data-tone': one.allowed ? undefined : 'bad' },
              `${index > 0 ? ', ' : ''}${one.limit} ${one.allowed ? `${one.remaining} left` : 'refused'}`,
            ),
          ),
        )
      : null,
    endpoint === undefined
      ? null
      : h(
          'p',
          { class: 'muted' },
          `Deadline ${formatMs(endpoint.deadlineMs)}, ${Math.round((request.ms / endpoint.deadlineMs) * 100)}% used.`,
        ),
  );
}

/** A request in one line, as bars: for lists. @param {any} request @param {number} wholeMs */
export function miniBars(request, wholeMs) {
  const calls = request.calls.filter((/** @type {any} */ call) => !isUnbegun(call)).slice(0, 8);
  const box = h('span', { class: 'mini', 'aria-hidden': 'true' });
  for (const call of calls) {
    const bar = h('i', { 'data-tone': toneOf(call.outcome) });
    place(bar, call.startMs, call.ms, wholeMs);
    box.append(bar);
  }
  return box;
}

/** @param {any} call @param {any} request @param {number} whole @param {Set<string>} critical */
function callRows(call, request, whole, critical) {
  const bar = h('i', {
    class: critical.has(call.node) ? 'bar critical' : 'bar',
    'data-tone': toneOf(call.outcome),
  });
  place(bar, call.startMs, call.ms, whole);
  const lookups = request.lookups.filter((/** @type {any} */ lookup) => lookup.node === call.node);
  const slack = request.slackMs[call.node];
  const sayings = [
    call.outcome === 'ok' ? '' : call.outcome,
    lookups.map((/** @type {any} */ lookup) => `cache ${lookup.outcome}`).join(', '),
    critical.has(call.node) ? 'critical' : slack > 0 ? `${formatMs(slack)} slack` : '',
  ].filter(Boolean);
  const row = h(
    'tr',
    {},
    h(
      'th',
      { scope: 'row' },
      h('span', { class: 'node', title: call.node }, call.node),
      h('span', { class: 'sub mono', title: call.operation }, call.operation),
    ),
    h(
      'td',
      { class: 'track' },
      bar,
      caption(sayings.join(' · '), call.startMs, call.ms, whole, call.outcome),
    ),
    h('td', { class: 'num' }, formatMs(call.ms), h('span', { class: 'sub' }, formatBytes(call.bytes))),
  );
  const cause = call.cause ? [h('tr', { class: 'cause-row' }, h('td', { colspan: 3 }, call.cause))] : [];
  const isPlain = call.sent.length <= 1 && call.outcome === 'ok';
  return [
    row,
    ...(isPlain
      ? []
      : call.sent.map((/** @type {any} */ attempt, /** @type {number} */ index) =>
          attemptRow(attempt, index, whole),
        )),
    ...cause,
  ];
}

/** @param {any} attempt @param {number} index @param {number} whole */
function attemptRow(attempt, index, whole) {
  const bar = h('i', { class: 'bar attempt', 'data-tone': toneOf(attempt.outcome) });
  place(bar, attempt.startMs, attempt.ms, whole);
  const said = [attempt.outcome, attempt.status ?? ''].filter(Boolean).join(' ');
  return h(
    'tr',
    { class: 'attempt-row' },
    h(
      'th',
      { scope: 'row' },
      h(
        'span',
        { class: 'sub', title: attempt.target },
        `${index + 1}. ${attempt.reason}`,
        ' ',
        h('span', { class: 'mono' }, attempt.target.replace(/^https?:\/\//, '')),
      ),
    ),
    h('td', { class: 'track' }, bar, caption(said, attempt.startMs, attempt.ms, whole, attempt.outcome)),
    h('td', { class: 'num' }, formatMs(attempt.ms)),
  );
}

/** @param {any} lookup @param {number} whole */
function lookupRow(lookup, whole) {
  const mark = h('i', { class: 'bar lookup', 'data-tone': lookup.outcome === 'miss' ? undefined : 'good' });
  place(mark, lookup.startMs, whole / 150, whole);
  return h(
    'tr',
    {},
    h(
      'th',
      { scope: 'row' },
      h('span', { class: 'node' }, lookup.node ?? 'whole answer'),
      h('span', { class: 'sub' }, 'cache'),
    ),
    h(
      'td',
      { class: 'track' },
      mark,
      caption(`cache ${lookup.outcome}`, lookup.startMs, whole / 150, whole, 'ok'),
    ),
    h('td', { class: 'num' }, '–'),
  );
}

/** Words beside a bar: after it, or before it where there is no room. */
/** @param {string} text @param {number} startMs @param {number} ms @param {number} whole @param {string} outcome */
function caption(text, startMs, ms, whole, outcome) {
  if (text === '') return null;
  const after = (startMs + ms) / whole;
  const words = h(
    'span',
    { class: after > 0.62 ? 'words before' : 'words', 'data-tone': toneOf(outcome), title: text },
    text,
  );
  words.style.setProperty('--at', String(after > 0.62 ? Math.max(0, 1 - startMs / whole) : after));
  if (after > 0.62 && startMs / whole < 0.3) words.classList.add('inside');
  return words;
}

/** @param {any} bar @param {number} startMs @param {number} ms @param {number} whole */
function place(bar, startMs, ms, whole) {
  bar.style.setProperty('--from', String(Math.min(1, startMs / whole)));
  bar.style.setProperty('--long', String(Math.min(1, Math.max(0.002, ms / whole))));
}

/** @param {number} whole */
function scale(whole) {
  return h(
    'span',
    { class: 'scale' },
    [0, 0.25, 0.5, 0.75, 1].map((part) => h('span', {}, part === 0 ? '0' : formatMs(whole * part))),
  );
}

/** @param {string} outcome */
function toneOf(outcome) {
  if (outcome === 'ok') return 'good';
  return outcome === 'cancelled' || isUnbegun({ outcome }) ? 'off' : 'bad';
}

/**
 * There was not enough time left for it, or the process is overloaded.
 *
 * @param {any} call
 */
export function isUnbegun({ outcome }) {
  return outcome === 'skipped' || outcome === 'shed';
}

/** @param {any} call */
function reasonOf({ node, outcome }) {
  return outcome === 'shed' ? `${node} (overload)` : `${node} (no time)`;
}

/** @param {string} name @param {any} value */
function fact(name, value) {
  return h('div', {}, h('dt', {}, name), h('dd', {}, value));
}
