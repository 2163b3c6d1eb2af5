/**
 * What happened lately: breakers, targets, switches, problems of the background.
 *
 * @module
 */
import { h, replace } from './dom.js';
import { formatTime } from './format.js';

/** @param {number} most */
export function happenings(most) {
  const element = h('ol', { class: 'happenings' });
  let shown = '';
  return {
    element,
    /** @param {any[]} bffs */
    update(bffs) {
      const all = bffs
        .flatMap((bff) => bff.tick.happened.map((/** @type {any} */ one) => ({ ...one, bff: bff.name })))
        .sort((a, b) => b.atMs - a.atMs)
        .slice(0, most);
      const key = all.map(({ atMs, bff, subject, change }) => `${atMs}${bff}${subject}${change}`).join();
      if (key === shown && element.childElementCount > 0) return;
      shown = key;
      if (all.length === 0) {
        replace(element, h('li', { class: 'empty' }, 'All quiet: no breaker moved, no target came or went.'));
        return;
      }
      replace(
        element,
        all.map((one) =>
          h(
            'li',
            { 'data-tone': one.isBad ? 'bad' : one.change.includes('half-open') ? 'warn' : 'good' },
            h('time', { datetime: new Date(one.atMs).toISOString() }, formatTime(one.atMs)),
            h('span', { class: 'dot', 'aria-hidden': 'true' }),
            h(
              'span',
              { class: 'what', title: `${one.subject} ${one.change}` },
              h('strong', {}, one.subject),
              ` ${one.change}`,
            ),
            bffs.length > 1 ? h('span', { class: 'tag' }, one.bff) : null,
          ),
        ),
      );
    },
  };
}
