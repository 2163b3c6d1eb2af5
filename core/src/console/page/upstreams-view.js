/**
 * The services behind the gateways: breakers big and plain, targets, places, retry budget, calls.
 *
 * @module
 */
import { h, replace, setAttr, setText } from './dom.js';
import { formatCount, formatMs, formatRate, formatShare } from './format.js';
import { happenings } from './happenings.js';
import { breakerTone, panel, toneOf, worstBreaker } from './parts.js';
import { sparkline } from './spark.js';
import { rateOf, scoped, state, sumTracks } from './store.js';

const words = { closed: 'Closed', open: 'Open', 'half-open': 'Half open', isolated: 'Isolated' };
const meanings = {
  closed: 'calls pass',
  open: 'calls fail at once',
  'half-open': 'a few calls try it',
  isolated: 'by hand',
};

/** @param {{ scope: string }} place */
export function upstreamsView({ scope }) {
  const grid = h('div', { class: 'cards' });
  const feed = happenings(30);
  const element = h('div', { class: 'view' }, h('h1', {}, 'Upstreams'), grid, panel('Lately', feed.element));
  /** @type {Map<string, ReturnType<typeof card>>} */
  const cards = new Map();

  function update() {
    const bffs = scoped(scope);
    const keys = bffs.flatMap((bff) =>
      bff.tick.upstreams.map((/** @type {any} */ one) => `${bff.name} ${one.upstream}`),
    );
    if (keys.join() !== [...cards.keys()].join()) {
      cards.clear();
      for (const key of keys) cards.set(key, card(key, bffs.length > 1));
      replace(
        grid,
        keys.length === 0
          ? h('p', { class: 'empty' }, 'This gateway calls no service.')
          : [...cards.values()].map((one) => one.element),
      );
    }
    for (const bff of bffs)
      for (const status of bff.tick.upstreams)
        cards.get(`${bff.name} ${status.upstream}`)?.update(bff, status);
    feed.update(bffs);
  }
  return { element, update };
}

/** @param {string} key @param {boolean} withBff */
function card(key, withBff) {
  const [bffName = '', name = ''] = key.split(' ');
  const breaker = h('strong', {});
  const meaning = h('span', { class: 'muted' });
  const rate = h('span', { class: 'big num' });
  const spark = sparkline({ width: 200, height: 30 });
  const places = meter('Places');
  const budget = meter('Retry budget');
  const targets = h('ul', { class: 'targets', 'aria-label': 'Targets' });
  const operations = h('tbody', {});
  let targetKey = '';
  const element = h(
    'article',
    { class: 'card', 'aria-label': `${name}${withBff ? ` of ${bffName}` : ''}` },
    h('header', {}, h('h2', {}, name), withBff ? h('span', { class: 'tag' }, bffName) : null, rate),
    h('p', { class: 'breaker' }, h('span', { class: 'dot', 'aria-hidden': 'true' }), breaker, meaning),
    h('div', { class: 'spark-box' }, spark.element),
    places.element,
    budget.element,
    h(
      'table',
      { class: 'small' },
      h(
        'thead',
        {},
        h(
          'tr',
          {},
          ['Operation', 'Calls', 'Fail', 'p50', 'p95'].map((title, index) =>
            h('th', { scope: 'col', class: index > 2 ? 'num w-ms' : index > 0 ? 'num' : undefined }, title),
          ),
        ),
      ),
      operations,
    ),
    targets,
  );
  return {
    element,
    /** @param {any} bff @param {any} status */
    update(bff, status) {
      const worst = /** @type {keyof typeof words} */ (worstBreaker(status.breakers));
      const which = status.breakers
        .filter((/** @type {any} */ one) => one.state !== 'closed' && one.operation)
        .map((/** @type {any} */ one) => one.operation);
      setAttr(element, 'data-tone', worst === 'closed' ? undefined : breakerTone(worst));
      setAttr(element, 'data-breaker', worst);
      setText(breaker, `Breaker ${words[worst].toLowerCase()}`);
      setText(
        meaning,
        which.length > 0
          ? `for ${which.join(', ')}`
          : status.off.length > 0
            ? `switched off: ${status.off.join(', ')}`
            : meanings[worst],
      );
      const tracks = [...bff.callTracks]
        .filter(([one]) => one.startsWith(`${name}.`))
        .map(([, track]) => track);
      const track = sumTracks(tracks);
      setText(rate, `${formatRate(rateOf(track))} calls/s`);
      spark.update(track.count, track.errors, state.window);
      const { running, waiting, limit } = status.bulkhead;
      places.set(running / limit, `${running} of ${limit} running${waiting > 0 ? `, ${waiting} wait` : ''}`);
      const { spent, allowed } = status.retryBudget;
      budget.set(
        allowed > 0 ? spent / allowed : 0,
        `${Math.round(spent)} of ${Math.floor(allowed)} extra calls`,
      );
      const rows = Object.entries(bff.tick.operations)
        .filter(([one]) => one.startsWith(`${name}.`))
        .sort(([a], [b]) => a.localeCompare(b));
      syncRows(operations, rows);
      const now = JSON.stringify(status.targets);
      if (now !== targetKey) {
        targetKey = now;
        replace(targets, status.targets.map(targetItem));
      }
    },
  };
}

/** @param {any} body @param {[string, any][]} rows */
function syncRows(body, rows) {
  if (rows.length === 0) {
    if (body.querySelector('.empty') === null)
      replace(body, h('tr', {}, h('td', { colspan: 5, class: 'empty' }, 'not called yet')));
    return;
  }
  const names = rows.map(([key]) => key.slice(key.indexOf('.') + 1));
  if ([...body.children].map((row) => row.dataset.name).join() !== names.join()) {
    replace(
      body,
      names.map((name) =>
        h(
          'tr',
          { 'data-name': name },
          h('th', { scope: 'row', title: name }, name),
          [0, 1, 2, 3].map(() => h('td', { class: 'num' })),
        ),
      ),
    );
  }
  rows.forEach(([, numbers], index) => {
    const [, count, errors, p50, p95] = body.children[index].children;
    setText(count, formatCount(numbers.count));
    setText(errors, formatShare(numbers.errors, numbers.count));
    setAttr(errors, 'data-tone', toneOf(numbers.errors, numbers.count) || undefined);
    setText(p50, formatMs(numbers.p50));
    setText(p95, formatMs(numbers.p95));
  });
}

/** @param {any} target */
function targetItem({ origin, version, weight, pending, health, ejectedForMs }) {
  const isBad = health === 'unhealthy' || ejectedForMs > 0;
  const said = [
    ejectedForMs > 0 ? `ejected for ${formatMs(ejectedForMs)}` : health === 'unknown' ? 'not probed' : health,
    version ? `version ${version}` : '',
    weight !== 1 ? `weight ${weight}` : '',
    pending > 0 ? `${pending} under way` : '',
  ];
  return h(
    'li',
    { 'data-tone': isBad ? 'bad' : 'good' },
    h('span', { class: 'dot', 'aria-hidden': 'true' }),
    h('span', { class: 'mono', title: origin }, origin),
    h('span', { class: 'muted' }, said.filter(Boolean).join(', ')),
  );
}

/** @param {string} title */
function meter(title) {
  const text = h('span', {});
  const bar = h('span', {});
  return {
    element: h(
      'p',
      { class: 'meter-line' },
      h('span', { class: 'muted' }, title),
      h('span', { class: 'meter' }, bar),
      text,
    ),
    /** @param {number} share @param {string} words */
    set(share, words) {
      bar.style.setProperty('--share', String(Math.min(1, share)));
      setAttr(bar, 'data-tone', share >= 0.9 ? 'bad' : share >= 0.7 ? 'warn' : undefined);
      setText(text, words);
    },
  };
}
