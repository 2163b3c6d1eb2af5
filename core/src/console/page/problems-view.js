/**
 * What went wrong, one line per code and place, the latest first.
 *
 * @module
 */
import { h, replace, setAttr, setText } from './dom.js';
import { formatAgo, formatCount } from './format.js';
import { panel, routeName, statusTone } from './parts.js';
import { linkTo } from './router.js';
import { scoped, state } from './store.js';

const kinds = { answer: 'failed answer', part: 'degraded part', background: 'in the background' };

/** @param {{ scope: string }} place */
export function problemsView({ scope }) {
  const list = h('ul', { class: 'problems' });
  const element = h('div', { class: 'view' }, h('h1', {}, 'Problems'), panel('By code and place', list));
  /** @type {Map<string, any>} */
  const lines = new Map();

  function update() {
    const bffs = scoped(scope);
    const all = bffs
      .flatMap((bff) =>
        bff.tick.problems.map((/** @type {any} */ problem) => ({ ...problem, bff: bff.name })),
      )
      .sort((a, b) => b.lastMs - a.lastMs)
      .slice(0, 100);
    if (all.length === 0) {
      if (list.querySelector('.empty') === null) {
        lines.clear();
        replace(
          list,
          h(
            'li',
            { class: 'empty' },
            'No problems. Answers of 400 and above, degraded parts and troubles of the background show up here.',
          ),
        );
      }
      return;
    }
    list.querySelector('.empty')?.remove();
    const seen = new Set();
    const isHeld = list.matches(':hover, :focus-within');
    for (const problem of all) {
      const key = [problem.bff, problem.kind, problem.code, problem.place, problem.node].join(' ');
      seen.add(key);
      const known = lines.get(key) ?? problemLine(problem, bffs.length > 1);
      lines.set(key, known);
      known.update(problem);
      if (!isHeld || known.element.parentNode === null) known.rank = problem.lastMs;
    }
    for (const [key, { element: line }] of lines) {
      if (seen.has(key)) continue;
      line.remove();
      lines.delete(key);
    }
    const sorted = [...lines.values()].sort((a, b) => b.rank - a.rank);
    sorted.forEach(({ element: line }, index) => {
      if (list.children[index] !== line) list.insertBefore(line, list.children[index] ?? null);
    });
  }
  return { element, update };
}

/** @param {any} problem @param {boolean} withBff */
function problemLine(problem, withBff) {
  const count = h('span', { class: 'count num' });
  const ago = h('span', { class: 'muted num' });
  const cause = h('p', { class: 'cause' });
  const isRoute = problem.kind !== 'background';
  const element = h(
    'li',
    {
      'data-tone':
        problem.kind === 'answer'
          ? statusTone(problem.status ?? 500)
          : problem.kind === 'part'
            ? 'warn'
            : 'bad',
    },
    h('span', { class: 'dot', 'aria-hidden': 'true' }),
    h(
      'div',
      { class: 'grow' },
      h(
        'p',
        {},
        h('strong', {}, problem.code === 'background' ? problem.place : problem.code),
        problem.status ? h('span', { class: 'tag' }, String(problem.status)) : null,
        h('span', { class: 'tag' }, kinds[/** @type {keyof typeof kinds} */ (problem.kind)]),
        withBff ? h('span', { class: 'tag' }, problem.bff) : null,
      ),
      isRoute
        ? h(
            'p',
            { class: 'where' },
            h('a', { href: linkTo(problem.bff, 'endpoint', problem.place) }, routeName(problem.place)),
            problem.node
              ? h(
                  'span',
                  { class: 'muted' },
                  `without ${problem.node}${problem.operation ? ` (${problem.operation})` : ''}`,
                )
              : null,
          )
        : null,
      cause,
    ),
    h('div', { class: 'aside' }, count, ago),
  );
  return {
    element,
    rank: problem.lastMs,
    /** @param {any} next */
    update(next) {
      setText(count, `×${formatCount(next.count)}`);
      setText(ago, formatAgo(next.lastMs, state.nowMs));
      setText(cause, next.cause ?? '');
      setAttr(cause, 'hidden', next.cause === undefined);
    },
  };
}
