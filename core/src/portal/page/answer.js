/** What came back, for people: status, time, problem, body, headers. */
import { addCopyButton } from './copy.js';
import { element } from './dom.js';

export function showAnswer(form, response, text, ms) {
  const parsed = json(text);
  const isReplay = response.headers.get('idempotency-replayed') === 'true';
  const degraded = response.headers.get('bff-degraded');
  show(
    form,
    element(
      'p',
      { class: 'try-result' },
      element('span', { class: `status s-${String(response.status)[0]}` }, `${response.status}`),
      element('span', {}, `${Math.round(ms)} ms`),
      element('span', {}, `${new Blob([text]).size} bytes`),
      isReplay &&
        element('span', { class: 'tag good' }, 'Replayed: the answer to the first request with this key'),
      degraded !== null && element('span', { class: 'tag warn' }, `Incomplete: ${degraded}`),
    ),
    isProblem(response) && parsed !== undefined && problem(form, response, parsed),
    text !== '' && block(parsed === undefined ? text : JSON.stringify(parsed, null, 2), 'Body of the answer'),
    element(
      'details',
      { class: 'headers' },
      element('summary', {}, `${[...response.headers].length} headers`),
      block(
        [...response.headers].map(([name, value]) => `${name}: ${value}`).join('\n'),
        'Headers of the answer',
      ),
    ),
  );
}

export function showFailure(form, text) {
  show(form, element('p', { class: 'try-result' }, text));
}

function show(form, ...parts) {
  const place = form.querySelector('.try-answer');
  place.replaceChildren(...parts.filter((part) => part !== false));
  place.hidden = false;
  place.scrollIntoView({ block: 'nearest' });
}

function problem(form, response, { title, code, detail, errors = [], requestId, request_id: olderId }) {
  const wait = response.headers.get('retry-after');
  return element(
    'div',
    { class: 'try-problem' },
    element(
      'p',
      {},
      element('strong', {}, title ?? 'Problem'),
      ' ',
      element('a', { href: form.dataset.errors + (code ?? '') }, element('code', {}, code ?? '')),
    ),
    detail !== undefined && element('p', {}, detail),
    errors.length > 0 &&
      element(
        'ul',
        {},
        errors.map(({ pointer, detail: what }) =>
          element('li', {}, element('code', {}, pointer), ` ${what}`),
        ),
      ),
    wait !== null && element('p', {}, `Try again after ${wait} s.`),
    element('p', { class: 'soft' }, `Request ${requestId ?? olderId ?? ''}`),
  );
}

function block(text, label) {
  const made = element(
    'div',
    { class: 'code' },
    element('pre', { tabindex: '0', role: 'region', 'aria-label': label }, element('code', {}, text)),
  );
  if (navigator.clipboard !== undefined) addCopyButton(made);
  return made;
}

function isProblem(response) {
  return response.headers.get('content-type')?.startsWith('application/problem+json') === true;
}

function json(text) {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
