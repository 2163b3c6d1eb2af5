/**
 * Recent and slowest requests, one line each, and the waterfall of the one that is chosen. The list holds still while
 * somebody is in it.
 *
 * @module
 */
import { h, replace } from './dom.js';
import { formatMs, formatTime } from './format.js';
import { panel, routeName, segments, statusTone } from './parts.js';
import { isUnbegun, miniBars, waterfall } from './waterfall.js';

/**
 * @param {{ requestsOf: () => { recent: any[], slowest: any[] }, planOf: (request: any) => any, withRoute: boolean, empty: string }} options
 */
export function requestBrowser({ requestsOf, planOf, withRoute, empty }) {
  let order = 'recent';
  /** @type {any} */
  let chosen;
  let isPinned = false;
  let shown = '';
  const list = h('ul', { class: 'requests', 'aria-label': 'Requests' });
  const detail = h('div', { class: 'detail-box' });
  const tabs = segments({
    label: 'Order',
    options: [
      ['recent', 'Recent'],
      ['slowest', 'Slowest'],
      ['troubled', 'Troubled'],
    ],
    chosen: order,
    onChoose(value) {
      order = value;
      isPinned = false;
      update(true);
    },
  });
  const left = panel('Requests', { aside: tabs.element }, list);
  const right = panel('Waterfall', detail);
  const element = h('div', { class: 'pair requests-pair' }, left, right);

  list.addEventListener('click', (/** @type {MouseEvent} */ event) => {
    const button = /** @type {HTMLElement} */ (event.target).closest('button');
    if (button !== null) choose(button.dataset.id ?? '', true);
  });
  list.addEventListener('keydown', (/** @type {KeyboardEvent} */ event) => {
    const move = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0;
    if (move === 0) return;
    event.preventDefault();
    const buttons = [...list.querySelectorAll('button')];
    const next = buttons[buttons.indexOf(/** @type {any} */ (document.activeElement)) + move];
    if (next !== undefined) {
      next.focus();
      choose(next.dataset.id ?? '', true);
    }
  });

  /** @param {string} id @param {boolean} byHand */
  function choose(id, byHand) {
    isPinned = byHand;
    const found = wanted().find((request) => request.id === id);
    if (found === undefined) return;
    chosen = found;
    mark();
    replace(detail, waterfall(found, planOf(found)));
  }

  function mark() {
    for (const button of list.querySelectorAll('button'))
      button.setAttribute('aria-pressed', String(button.dataset.id === chosen?.id));
  }

  function wanted() {
    const { recent, slowest } = requestsOf();
    if (order === 'slowest') return slowest;
    return order === 'recent'
      ? recent
      : recent.filter(
          (request) => request.status >= 500 || request.degraded.length > 0 || request.calls.some(isTroubled),
        );
  }

  /** @param {boolean} [isAsked] */
  function update(isAsked = false) {
    const all = wanted().slice(0, 24);
    const key = `${order} ${all.map(({ id }) => id).join()}`;
    const isHeld =
      !isAsked &&
      list.childElementCount > 0 &&
      list.matches(':hover, :focus-within') &&
      !list.querySelector('.empty');
    if (key === shown || isHeld) return;
    shown = key;
    if (all.length === 0) {
      replace(
        list,
        h(
          'li',
          { class: 'empty' },
          order === 'troubled' ? 'None failed and none went out without a part.' : empty,
        ),
      );
      if (chosen === undefined || isAsked)
        replace(detail, h('p', { class: 'empty' }, 'Choose a request to see where its time went.'));
      return;
    }
    replace(
      list,
      all.map((request) => requestLine(request)),
    );
    if (!isPinned) choose(all[0].id, false);
    mark();
  }

  /** @param {any} request */
  function requestLine(request) {
    return h(
      'li',
      {},
      h(
        'button',
        { type: 'button', 'data-id': request.id, 'aria-pressed': 'false' },
        h('time', {}, formatTime(request.atMs)),
        h(
          'span',
          {
            class: 'status',
            'data-tone':
              request.degraded.length > 0 && request.status < 400 ? 'warn' : statusTone(request.status),
          },
          String(request.status),
        ),
        h(
          'span',
          { class: 'grow' },
          withRoute
            ? routeName(request.route)
            : h(
                'span',
                { class: 'without', title: [...request.degraded, request.code].filter(Boolean).join(', ') },
                request.degraded.length > 0
                  ? [h('span', { class: 'unseen' }, 'without '), `− ${request.degraded.join(', ')}`]
                  : (request.code ?? ''),
              ),
        ),
        miniBars(request, request.ms),
        h('span', { class: 'num' }, formatMs(request.ms)),
      ),
    );
  }

  return {
    element,
    update,
    /** @returns {boolean} Whether there was something to let go. */
    escape() {
      const was = isPinned;
      isPinned = false;
      if (was) update(true);
      return was;
    },
  };
}

/** @param {any} call */
function isTroubled(call) {
  return call.outcome !== 'ok' && call.outcome !== 'cancelled' && !isUnbegun(call);
}
