/**
 * The requests of all endpoints together.
 *
 * @module
 */
import { h } from './dom.js';
import { requestBrowser } from './requests.js';
import { scoped, state } from './store.js';

/** @param {{ scope: string }} place */
export function requestsView({ scope }) {
  const browser = requestBrowser({
    requestsOf: () => {
      const kept = scoped(scope).flatMap((bff) => [...bff.requests.values()]);
      return {
        recent: kept
          .flatMap(({ recent }) => recent)
          .sort((a, b) => b.atMs - a.atMs)
          .slice(0, 60),
        slowest: kept
          .flatMap(({ slowest }) => slowest)
          .sort((a, b) => b.ms - a.ms)
          .slice(0, 60),
      };
    },
    planOf: (request) => state.bffs.get(request.bff)?.plans.get(request.route),
    withRoute: true,
    empty: 'No requests yet.',
  });
  const element = h('div', { class: 'view' }, h('h1', {}, 'Requests'), browser.element);
  return { element, update: () => browser.update(), escape: () => browser.escape() };
}
