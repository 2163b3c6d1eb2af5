/** The small pieces that screens are made of. */
import { h, svg } from './dom.js';

/** What the BFF's nodes are called on the screen, when they are missing. */
const names = {
  recent: 'your orders',
  suggestions: 'recommendations',
  inbox: 'messages',
  products: 'product details',
  member: 'your member price',
  price: 'today’s price',
  prices: 'today’s prices',
  stock: 'availability',
  latest: 'reviews',
  similar: 'related products',
  related: 'related products',
};

/** Says which parts could not be had; the rest of the page is there. */
export function degraded(missing, retry) {
  if (missing.length === 0) return undefined;
  const parts = [...new Set(missing.map((node) => names[node] ?? node))];
  const text = new Intl.ListFormat('en').format(parts);
  return h(
    'div',
    { class: 'notice', role: 'status' },
    h('p', {}, h('b', {}, 'Some of this page is missing: '), `${text}. The rest is up to date.`),
    h('button', { class: 'quiet', type: 'button', onclick: retry }, 'Try again'),
  );
}

/** A screen with nothing on it but what to do next. */
export function blank(title, text, ...actions) {
  return h(
    'section',
    { class: 'blank' },
    h('h1', {}, title),
    h('p', {}, text),
    h('div', { class: 'actions' }, actions),
  );
}

/** The same inside of a section. */
export function nothing(text) {
  return h('p', { class: 'nothing' }, text);
}

/** Grey shapes where the answer will be. */
export function skeleton(kind, count = 1) {
  return Array.from({ length: count }, () => h('div', { class: `skeleton ${kind}`, 'aria-hidden': 'true' }));
}

export function money({ amount, currency }) {
  return new Intl.NumberFormat('en-IE', { style: 'currency', currency }).format(amount / 100);
}

export function day(iso) {
  return new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short', year: 'numeric' }).format(
    new Date(iso),
  );
}

export function stars({ average, count }) {
  const text = average.toFixed(1);
  return h(
    'span',
    { class: 'stars', vars: { '--part': `${(average / 5) * 100}%` } },
    h('i', { 'aria-hidden': 'true' }),
    h('span', { class: 'sr' }, `${text} of 5 stars`),
    count === undefined
      ? undefined
      : h('span', {}, `${text} · ${count} ${count === 1 ? 'review' : 'reviews'}`),
  );
}

/** A product in a list. */
export function card({ id, title, price, promotion, brand }) {
  return h(
    'a',
    { class: 'card', href: `/products/${id}` },
    art(id),
    brand === undefined ? undefined : h('small', {}, brand),
    h('span', { class: 'title' }, title),
    h(
      'span',
      { class: 'price' },
      money(price),
      promotion ? h('em', { class: 'pill good' }, promotion) : undefined,
    ),
  );
}

/** A picture made of the product's id: the shop has no photographs. */
export function art(id) {
  let seed = 2_166_136_261;
  for (const character of `${id} `) seed = Math.imul(seed ^ character.charCodeAt(0), 16_777_619);
  const pick = (list) => {
    seed = Math.imul(seed ^ (seed >>> 15), 2_246_822_507) ^ (seed >>> 13);
    return list[(seed >>> 0) % list.length];
  };
  const [ground, accent] = pick(hues);
  const vars = { '--ground': String(ground), '--accent-hue': String(accent) };
  const [shape, mark] = [pick(shapes), pick(marks)];
  return svg('svg', { class: 'art', viewBox: '0 0 100 100', 'aria-hidden': 'true', vars }, [
    svg('path', { d: shape, class: 'a' }),
    svg('path', { d: mark, class: 'b' }),
  ]);
}

/** Hues that go together: the ground, and the accent on it. */
const hues = [
  [255, 25],
  [285, 165],
  [210, 350],
  [165, 285],
  [25, 255],
  [60, 350],
  [320, 210],
  [140, 25],
];
const circle = (x, y, r) => `M${x - r} ${y}a${r} ${r} 0 1 0 ${2 * r} 0a${r} ${r} 0 1 0 ${-2 * r} 0z`;
const shapes = [
  circle(50, 50, 30),
  'M36 22h28a14 14 0 0 1 14 14v28a14 14 0 0 1-14 14H36a14 14 0 0 1-14-14V36a14 14 0 0 1 14-14z',
  'M20 68a30 30 0 0 1 60 0z',
  'M50 20 82 76H18z',
  'M50 16a12 12 0 0 1 12 12v44a12 12 0 0 1-24 0V28a12 12 0 0 1 12-12z',
  'M24 24h52v18a34 34 0 0 1-34 34H24z',
];
const marks = [
  circle(68, 34, 13),
  circle(50, 50, 12),
  'M50 50h30a30 30 0 0 1-30 30z',
  'M31 62h38a7 7 0 0 1 0 14H31a7 7 0 0 1 0-14z',
  circle(34, 66, 10),
];

/** How the screen was made: each call of the BFF, when it began and how long it took. */
export function waterfall({ calls, ms }) {
  if (calls.length === 0) return undefined;
  const end = Math.max(...calls.map((call) => call.start + call.ms));
  const services = new Set(calls.map(({ operation }) => operation.split('.')[0])).size;
  const rows = calls
    .toSorted((one, other) => one.start - other.start)
    .map(({ node, operation, outcome, start, ms: took }) =>
      h(
        'li',
        { class: outcome === 'ok' ? undefined : 'failed' },
        h('span', {}, operation, h('small', {}, outcome === 'ok' ? node : `${node}: ${outcome}`)),
        h(
          'span',
          {
            class: 'track',
            vars: { '--from': `${(start / end) * 100}%`, '--for': `${(took / end) * 100}%` },
          },
          h('i'),
        ),
        h('span', { class: 'number' }, `${took.toFixed(1)} ms`),
      ),
    );
  const summary = `One request, ${calls.length} calls to ${services} services, ${Math.round(ms)} ms in this browser`;
  return h('details', { class: 'waterfall' }, h('summary', {}, summary), h('ol', {}, rows));
}
