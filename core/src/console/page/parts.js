/**
 * Small things that several views show: methods, states, panels, tabs.
 *
 * @module
 */
import { h } from './dom.js';

/** @param {string} method */
export function methodChip(method) {
  return h('span', { class: 'method', 'data-method': method }, method);
}

/** @param {string} key `GET /api/home` */
export function routeName(key) {
  const space = key.indexOf(' ');
  if (space < 0)
    return h('span', { class: 'route' }, h('span', { class: 'path' }, key === '*' ? 'no such route' : key));
  return h(
    'span',
    { class: 'route', title: key },
    methodChip(key.slice(0, space)),
    h('span', { class: 'path' }, key.slice(space + 1)),
  );
}

/** @param {string} title @param {...any} children The last may be an object with `aside`. */
export function panel(title, ...children) {
  const aside = children.find((child) => child?.aside !== undefined)?.aside;
  return h(
    'section',
    { class: 'panel', 'aria-label': title },
    h('header', {}, h('h2', {}, title), aside ?? null),
    children.filter((child) => child?.aside === undefined),
  );
}

/** The tone of a share of failures. @param {number} bad @param {number} all */
export function toneOf(bad, all) {
  if (!(all > 0) || bad === 0) return '';
  return bad / all >= 0.05 ? 'bad' : 'warn';
}

/** @param {number} status */
export function statusTone(status) {
  if (status >= 500) return 'bad';
  return status >= 400 ? 'warn' : 'good';
}

/** The worst of several breakers. @param {readonly any[]} breakers */
export function worstBreaker(breakers) {
  for (const state of ['isolated', 'open', 'half-open'])
    if (breakers.some((one) => one.state === state)) return state;
  return 'closed';
}

/** @param {string} state */
export function breakerTone(state) {
  return state === 'closed' ? 'good' : state === 'half-open' ? 'warn' : 'bad';
}

/**
 * One of a few, as buttons.
 *
 * @param {{ label: string, options: readonly (readonly [value: any, text: string])[], chosen: any, onChoose: (value: any) => void }} options
 */
export function segments({ label, options, chosen, onChoose }) {
  const buttons = options.map(([value, text]) =>
    h(
      'button',
      { type: 'button', 'aria-pressed': String(value === chosen), on: { click: () => choose(value) } },
      text,
    ),
  );
  /** @param {any} value */
  function show(value) {
    for (const [index, [one]] of options.entries())
      buttons[index].setAttribute('aria-pressed', String(one === value));
  }
  /** @param {any} value */
  function choose(value) {
    show(value);
    onChoose(value);
  }
  return { element: h('div', { class: 'segments', role: 'group', 'aria-label': label }, buttons), show };
}
