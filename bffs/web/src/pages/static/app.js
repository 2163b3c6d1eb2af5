/**
 * The demo frontend: asks who is signed in, then shows the screen of the address. The first page after signing
 * in comes without the session cookie (it crossed sites), which is why the page asks instead of being told.
 */
import { Failure, whoAmI } from './api.js';
import { h, say, show } from './dom.js';
import { blank, waterfall } from './parts.js';
import { home, loginUrl, product, search, welcome } from './views.js';

const main = document.getElementById('main');
const account = document.getElementById('account');
const trace = document.getElementById('trace');
const field = document.querySelector('.search input');
let user;
/** Whether the server showed the screen of this address already, as it is for everybody. */
let isShown = main.hasAttribute('data-shown');
let current = new AbortController();

/** The screen of an address. */
function route({ pathname, searchParams }) {
  const [, id] = /^\/products\/([\w-]{1,64})$/.exec(pathname) ?? [];
  if (id !== undefined) return { view: product, params: { id } };
  const q = searchParams.get('q')?.trim() ?? '';
  if (pathname === '/search' && q !== '') return { view: search, params: { q } };
  return { view: user === undefined ? welcome : home, params: {} };
}

async function render() {
  current.abort();
  current = new AbortController();
  const { signal } = current;
  const { view, params } = route(new URL(location.href));
  field.value = params.q ?? '';
  if (!isShown) document.title = view.title;
  show(trace);
  const tools = { user, params, again: () => void render() };
  if (view.load === undefined) return show(main, view.render(undefined, tools));
  main.setAttribute('aria-busy', 'true');
  if (!isShown) show(main, view.waiting());
  isShown = false;
  try {
    const answer = await view.load(signal, params, (part) => show(main, view.render(part, tools)));
    if (signal.aborted) return;
    document.title = view.titleOf?.(answer) ?? view.title;
    show(main, view.render(answer, tools));
    show(trace, waterfall(answer));
    say(document.title);
  } catch (failure) {
    if (!signal.aborted) showFailure(failure);
  } finally {
    if (!signal.aborted) main.removeAttribute('aria-busy');
  }
}

function showFailure(failure) {
  if (!(failure instanceof Failure)) throw failure;
  const retry = h('button', { class: 'button', type: 'button', onclick: () => void start() }, 'Try again');
  const back = h('a', { class: 'button second', href: '/' }, 'Back home');
  if (failure.status === 401) {
    user = undefined;
    showAccount();
    return show(
      main,
      blank(
        'You have been signed out',
        'Your session has ended. Nothing is lost.',
        h('a', { class: 'button', href: loginUrl() }, 'Sign in again'),
      ),
    );
  }
  if (failure.status === 404)
    return show(main, blank('Not found', 'There is nothing at this address any more.', back));
  if (failure.status === 429)
    return show(main, blank('One moment', 'Those were a lot of requests. Wait a few seconds.', retry));
  const why = failure.status === 0 ? 'The shop cannot be reached.' : 'A part of the shop does not answer.';
  show(main, blank('This did not work', `${why} Try again in a moment.`, retry, back));
}

function showAccount() {
  if (user === undefined) {
    return show(account, h('a', { class: 'button small', href: loginUrl() }, 'Sign in'));
  }
  show(
    account,
    h('span', { class: 'who', title: user.email }, user.name ?? user.sub),
    h('a', { class: 'button small second', href: user.logoutUrl }, 'Sign out'),
  );
}

function go(url) {
  history.pushState(null, '', url);
  showAccount(); // its links lead back to where the person is
  scrollTo(0, 0);
  void render();
}

/** Links to screens of this page do not load it anew; those to the BFF do. */
document.addEventListener('click', (event) => {
  const link = event.target instanceof Element ? event.target.closest('a[href]') : null;
  const isPlain = event.button === 0 && !event.metaKey && !event.ctrlKey && !event.shiftKey && !event.altKey;
  if (link === null || !isPlain || link.origin !== location.origin || link.hash !== '') return;
  if (link.pathname.startsWith('/bff/')) return;
  event.preventDefault();
  go(link.href);
});
document.querySelector('.search form').addEventListener('submit', (event) => {
  event.preventDefault();
  const q = field.value.trim();
  if (q !== '') go(`/search?q=${encodeURIComponent(q)}`);
});
addEventListener('popstate', () => void render());
addEventListener('pageshow', (event) => {
  if (event.persisted) void start(); // somebody may have signed out meanwhile
});

async function start() {
  const { view } = route(new URL(location.href));
  if (view.waiting !== undefined && !isShown) show(main, view.waiting());
  try {
    user = await whoAmI();
  } catch (failure) {
    return showFailure(failure);
  }
  showAccount();
  await render();
}

void start();
