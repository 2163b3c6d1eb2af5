/**
 * The page: a frame with scopes, views and the state of the connection, and one view in it that is brought up to
 * date with every tick.
 *
 * @module
 */
import { cacheView } from './cache-view.js';
import { titleClipped } from './clipped.js';
import { dock } from './dock.js';
import { announce, h, replace, setAttr, setText } from './dom.js';
import { showEdges } from './edges.js';
import { endpointView } from './endpoint-view.js';
import { limitsView } from './limits-view.js';
import { connect, nextTryMs, reconnect } from './link.js';
import { overview } from './overview.js';
import { segments, worstBreaker } from './parts.js';
import { problemsView } from './problems-view.js';
import { requestsView } from './requests-view.js';
import { linkTo, placeNow } from './router.js';
import { signInForm } from './sign-in.js';
import { scoped, state } from './store.js';
import { upstreamsView } from './upstreams-view.js';

const views = {
  overview,
  requests: requestsView,
  upstreams: upstreamsView,
  limits: limitsView,
  cache: cacheView,
  problems: problemsView,
};
const titles = {
  overview: 'Overview',
  requests: 'Requests',
  upstreams: 'Upstreams',
  limits: 'Limits',
  cache: 'Cache',
  problems: 'Problems',
};

/** @type {any} */
let view;
let place = placeNow();
const app = /** @type {HTMLElement} */ (document.getElementById('app'));

const scopes = h('nav', { class: 'scopes', 'aria-label': 'Gateways' });
const links = new Map(
  Object.entries(titles).map(([name, title]) => {
    const count = h('span', { class: 'badge', hidden: true });
    return [name, { element: h('a', { href: '#' }, h('span', {}, title), count), count }];
  }),
);
const live = h(
  'span',
  { class: 'link', role: 'status' },
  h('span', { class: 'dot', 'aria-hidden': 'true' }),
  h('span', {}, 'connecting'),
);
const banner = h('div', { class: 'banner', role: 'alert', hidden: true });
const main = h('main', { id: 'main', tabindex: -1 });
const faults = dock();
const dockButton = h(
  'button',
  {
    type: 'button',
    class: 'dock-button',
    'aria-controls': 'dock',
    'aria-expanded': 'true',
    hidden: true,
    on: { click: toggleDock },
  },
  'Faults',
);
const span = segments({
  label: 'Window',
  options: [
    [60, '1 min'],
    [300, '5 min'],
  ],
  chosen: state.window,
  onChoose(seconds) {
    state.window = seconds;
    reconnect();
  },
});
const side = h(
  'nav',
  { class: 'side', 'aria-label': 'Views' },
  h(
    'ul',
    {},
    [...links.values()].map(({ element }) => h('li', {}, element)),
  ),
);
const frame = h(
  'div',
  { class: 'frame' },
  h(
    'header',
    { class: 'top' },
    h(
      'a',
      { class: 'brand', href: '#/' },
      h('img', { src: '/console/page/mark.svg', alt: 'bffkit', width: 18, height: 18 }),
      h('span', {}, 'console'),
    ),
    scopes,
    span.element,
    dockButton,
    live,
  ),
  side,
  h('div', { class: 'body' }, banner, main),
  faults.element,
);
faults.element.hidden = true;
const lookAtScopes = showEdges(scopes);
showEdges(side);
titleClipped();

let isDockOpen = innerWidth > 1_100;
function toggleDock() {
  isDockOpen = !isDockOpen;
  showDock();
}

function showDock() {
  const isThere = state.dev?.faults !== undefined;
  dockButton.hidden = !isThere;
  faults.element.hidden = !isThere || !isDockOpen;
  setAttr(dockButton, 'aria-expanded', String(isDockOpen));
  setAttr(frame, 'data-dock', isThere && isDockOpen ? 'open' : undefined);
}

function show() {
  place = placeNow();
  if (place.scope !== 'all' && state.bffs.size > 0 && !state.bffs.has(place.scope))
    place = { ...place, scope: 'all' };
  view?.close?.();
  const make =
    place.view === 'endpoint'
      ? endpointView
      : (views[/** @type {keyof typeof views} */ (place.view)] ?? overview);
  view = make(place);
  replace(main, view.element);
  const title =
    place.view === 'endpoint'
      ? place.arg
      : (titles[/** @type {keyof typeof titles} */ (place.view)] ?? titles.overview);
  document.title = `${title} · bffkit console`;
  main.scrollTop = 0;
  update();
  for (const bar of [scopes, side])
    bar.querySelector('[aria-current]')?.scrollIntoView({ block: 'nearest', inline: 'nearest' });
}

function update() {
  if (document.hidden) return;
  showScopes();
  showLinks();
  showDock();
  if (!faults.element.hidden) faults.update();
  if (state.bffs.size > 0) view?.update();
}

let scopesShown = '';
function showScopes() {
  const names = [...state.bffs.keys()];
  const all = names.length > 1 ? ['all', ...names] : names;
  const now = names.length === 1 && place.scope === 'all' ? names[0] : place.scope;
  const key = `${all.join()} ${now} ${place.view} ${names.filter((name) => state.bffs.get(name)?.isGone).join()}`;
  if (key === scopesShown) return;
  scopesShown = key;
  const target = place.view === 'endpoint' ? 'overview' : place.view;
  replace(
    scopes,
    all.map((name) => {
      const isGone = state.bffs.get(name)?.isGone;
      return h(
        'a',
        {
          href: linkTo(name, target),
          'aria-current': name === now ? 'page' : undefined,
          'data-gone': isGone ? 'true' : undefined,
          title: isGone ? 'does not answer' : undefined,
        },
        name === 'all' ? 'All' : name,
      );
    }),
  );
  lookAtScopes();
}

function showLinks() {
  for (const [name, { element }] of links) {
    setAttr(element, 'href', linkTo(place.scope, name));
    const isHere =
      place.view === name || (name === 'overview' && (place.view === 'endpoint' || !(place.view in views)));
    setAttr(element, 'aria-current', isHere ? 'page' : undefined);
  }
  const bffs = scoped(place.scope);
  const open = bffs
    .flatMap((bff) => bff.tick.upstreams)
    .filter(({ breakers }) => worstBreaker(breakers) !== 'closed').length;
  badge('upstreams', open, `${open} breakers not closed`);
  const recent = bffs
    .flatMap((bff) => bff.tick.problems)
    .filter(({ lastMs, status = 500 }) => status >= 500 && state.nowMs - lastMs < 60_000).length;
  badge('problems', recent, `${recent} kinds in the last minute`);
}

/** @param {string} name @param {number} count @param {string} title */
function badge(name, count, title) {
  const { count: element } = /** @type {any} */ (links.get(name));
  setText(element, count);
  setAttr(element, 'title', title);
  element.hidden = count === 0;
}

function showLink() {
  if (state.link === 'locked') {
    if (app.querySelector('.door') === null) {
      replace(
        app,
        signInForm(() => enter()),
      );
      document.getElementById('token')?.focus();
    }
    return;
  }
  setAttr(live, 'data-tone', state.link === 'live' ? 'good' : state.link === 'lost' ? 'bad' : undefined);
  setText(live.lastChild, state.link);
  banner.hidden = state.link !== 'lost';
  if (state.link === 'lost') {
    const seconds = Math.max(1, Math.round((nextTryMs - Date.now()) / 1_000));
    replace(
      banner,
      h('span', {}, `Connection lost. What you see is from before; trying again in ${seconds} s.`),
      h('button', { type: 'button', on: { click: reconnect } }, 'Try now'),
    );
  }
}

function enter() {
  replace(app, frame);
  reconnect();
}

addEventListener('hashchange', () => {
  show();
  main.focus({ preventScroll: true });
});
document.addEventListener('visibilitychange', update);
document.addEventListener('keydown', (event) => {
  const field = /** @type {HTMLElement} */ (event.target);
  const isTyping = field.matches?.('input, textarea');
  if (event.key === '/' && !isTyping && !event.ctrlKey && !event.metaKey) {
    const filter = document.getElementById('filter');
    if (filter !== null) {
      event.preventDefault();
      filter.focus();
    }
  }
  if (event.key === 'Escape') {
    if (isTyping) {
      if (/** @type {HTMLInputElement} */ (field).value !== '') {
        /** @type {HTMLInputElement} */ (field).value = '';
        field.dispatchEvent(new Event('input'));
      } else field.blur();
    } else if (!view?.escape?.() && place.view === 'endpoint')
      location.hash = linkTo(state.bffs.size > 1 ? 'all' : place.scope, 'overview');
  }
});

replace(app, frame);
show();
connect((what, data) => {
  if (what === 'link') showLink();
  else if (what === 'announce') {
    const { bff, happened } = data;
    if (happened.kind === 'breaker') announce(`${bff}: breaker of ${happened.subject} ${happened.change}`);
  } else if (what === 'bff') {
    // The first that is known of a gateway, or a new one in its place: with other plans, perhaps.
    const startMs = performance.now();
    if (!view.isShown || place.view === 'endpoint' || placeNow().scope !== place.scope) show();
    if (performance.getEntriesByName('first-view').length === 0)
      performance.measure('first-view', { start: startMs });
    view.isShown = true;
  }
  if (what !== 'announce') update();
});
