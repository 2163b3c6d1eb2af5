/**
 * What the script of an attacker's page tries against the shop, from another origin of the same browser. Each
 * attack tells what it could read; `undefined` stands for an answer that came but showed nothing.
 */

const outcomeOf = (attempt) =>
  Promise.resolve()
    .then(attempt)
    .catch((error) => error.name);

/** Asks as `fetch` can, and reads all it is let. */
function ask(url, init) {
  return outcomeOf(async () => {
    const answer = await fetch(url, { credentials: 'include', ...init });
    return answer.type === 'opaque' && answer.status === 0 && (await answer.text()) === ''
      ? undefined
      : `${answer.type} ${answer.status} ${await answer.text()}`;
  });
}

const item = JSON.stringify({ productId: 'prd_00007', quantity: 1 });

export function readWithFetch(shop, path) {
  return Promise.all([
    ask(shop + path),
    ask(shop + path, { mode: 'no-cors' }),
    ask(shop + path, { headers: { 'x-csrf': '1' } }),
    ask(shop + path, { mode: 'no-cors', headers: { 'x-csrf': '1' } }),
  ]);
}

export function writeWithFetch(shop) {
  const post = (init) => ask(`${shop}/api/cart/items`, { method: 'POST', body: item, ...init });
  const json = { 'content-type': 'application/json' };
  return Promise.all([
    post({}),
    post({ mode: 'no-cors' }),
    post({ mode: 'no-cors', headers: { ...json, 'x-csrf': '1' } }),
    post({ headers: json }),
    post({ headers: { ...json, 'x-csrf': '1' } }),
    post({ headers: { ...json, 'x-csrf': '1', origin: shop, 'sec-fetch-site': 'same-origin' } }),
    post({ body: new URLSearchParams({ productId: 'prd_00007', quantity: '1' }) }),
  ]);
}

export function beacon(shop) {
  return navigator.sendBeacon(`${shop}/api/cart/items`, new Blob([item], { type: 'text/plain' }));
}

/** Loads an answer as something that pages may have from elsewhere. */
export function embed(url) {
  const load = (tag, properties) =>
    new Promise((resolve) => {
      const element = Object.assign(document.createElement(tag), properties);
      element.onload = () => resolve(`${tag} loaded`);
      element.onerror = () => resolve(`${tag} failed`);
      document.body.append(element);
    });
  return Promise.all([
    load('img', { src: url }),
    load('script', { src: url }),
    load('script', { src: url, type: 'module', crossOrigin: 'use-credentials' }),
    load('link', { href: url, rel: 'stylesheet' }),
    load('video', { src: url }),
    load('object', { data: url }),
  ]);
}

/** Shows an answer inside of the page; tells what of it can be reached. */
export function frame(url) {
  const element = Object.assign(document.createElement('iframe'), { src: url });
  return new Promise((resolve) => {
    element.onload = () => resolve(reachable(element.contentWindow));
    document.body.append(element);
  });
}

let popup;
const messages = [];
addEventListener('message', ({ data }) => messages.push(data));

export function openPopup(url) {
  popup = window.open(url, 'shop');
}

export async function reachPopup(shop) {
  await outcomeOf(() => popup.postMessage('who are you?', '*'));
  await ask(shop); // a while for an answer
  return { reached: await reachable(popup), isClosed: popup.closed, messages };
}

async function reachable(other) {
  const parts = [() => other.document.body.innerHTML, () => other.location.href, () => other.localStorage];
  return Promise.all(parts.map((part) => outcomeOf(() => String(part()))));
}

/** Opens a connection that other origins may open, unless the server minds. */
export function listen(shop) {
  const tell = (source) =>
    new Promise((resolve) => {
      source.onopen = () => resolve('open');
      source.onmessage = ({ data }) => resolve(data);
      source.onerror = () => resolve('failed');
    });
  return Promise.all([
    tell(new WebSocket(`${shop.replace('http', 'ws')}/api/home`)),
    tell(new EventSource(`${shop}/api/home`, { withCredentials: true })),
  ]);
}

/** Sends a form, and with it the whole tab. */
export function submit(url, enctype, fields) {
  const form = Object.assign(document.createElement('form'), { action: url, method: 'post', enctype });
  for (const [name, value] of Object.entries(fields)) {
    form.append(Object.assign(document.createElement('input'), { name, value }));
  }
  document.body.append(form);
  form.submit();
}

/** Goes there, as a link would. */
export function go(url) {
  location.assign(url);
}

/** Sets cookies as scripts can. */
export function setCookies(lines) {
  // biome-ignore lint/suspicious/noDocumentCookie: the Cookie Store API has names checked that this has not
  for (const line of lines) document.cookie = line;
}
