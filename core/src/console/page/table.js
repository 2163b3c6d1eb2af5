/**
 * A table that lives: rows are made once, cells change only where their text does, sorting moves rows and never
 * while somebody is in it. One listener for all rows, so that five hundred of them cost nothing.
 *
 * @module
 */
import { h, setAttr, setText } from './dom.js';
import { showEdges } from './edges.js';

const resortMs = 3_000;

/**
 * @typedef {{
 *   key: string, title: string, class?: string, hint?: string, sort?: (row: any) => number | string,
 *   make?: (row: any) => any, text?: (row: any) => string, tone?: (row: any) => string,
 *   update?: (cell: any, row: any) => void,
 * }} Column
 */

/**
 * @param {{ columns: Column[], label: string, keyOf: (row: any) => string, linkOf?: (row: any) => string, empty: string, sortBy?: string }} options
 */
export function liveTable({ columns, label, keyOf, linkOf, empty, sortBy = '' }) {
  /** @type {Map<string, { element: any, cells: any[], row: any }>} */
  const rows = new Map();
  /** @type {Set<Element>} */
  const visible = new Set();
  let sortKey = sortBy;
  let descending = sortBy !== '';
  let sortedAtMs = 0;
  let order = /** @type {string[]} */ ([]);

  const body = h('tbody', {});
  const nothing = h('p', { class: 'empty', hidden: true }, empty);
  const buttons = new Map();
  const head = h(
    'tr',
    {},
    columns.map((column) => {
      if (column.sort === undefined)
        return h('th', { scope: 'col', class: column.class, title: column.hint }, column.title);
      const button = h(
        'button',
        { type: 'button', title: column.hint, on: { click: () => sortOn(column.key) } },
        column.title,
      );
      const cell = h('th', { scope: 'col', class: column.class }, button);
      buttons.set(column.key, cell);
      return cell;
    }),
  );
  const table = h('table', { class: 'live', 'aria-label': label }, h('thead', {}, head), body);
  const element = h('div', { class: 'table-box' }, table, nothing);
  showEdges(element);

  const observer = new IntersectionObserver((entries) => {
    for (const { target, isIntersecting } of entries) {
      if (isIntersecting) visible.add(target);
      else visible.delete(target);
    }
  });

  table.addEventListener('keydown', (/** @type {KeyboardEvent} */ event) => {
    const moves = { ArrowDown: 1, ArrowUp: -1, PageDown: 10, PageUp: -10, Home: -1e6, End: 1e6 };
    const move = moves[/** @type {keyof typeof moves} */ (event.key)];
    const from = /** @type {HTMLElement} */ (event.target).closest?.('tbody tr');
    if (move === undefined || from === null || from === undefined) return;
    event.preventDefault();
    const shown = [...body.children].filter((row) => !row.hidden);
    const next = shown[Math.max(0, Math.min(shown.length - 1, shown.indexOf(from) + move))];
    focusRow(next);
  });
  body.addEventListener('click', (/** @type {MouseEvent} */ event) => {
    const row = /** @type {HTMLElement} */ (event.target).closest('tr');
    const link = row?.querySelector('a.row-link');
    if (link !== null && link !== undefined && event.target !== link)
      /** @type {HTMLElement} */ (link).click();
  });

  /** @param {any} row */
  function focusRow(row) {
    const link = row?.querySelector('a.row-link');
    if (!link) return;
    for (const other of body.querySelectorAll('a.row-link[tabindex="0"]')) other.tabIndex = -1;
    link.tabIndex = 0;
    link.focus();
  }

  /** @param {string} key */
  function sortOn(key) {
    descending = sortKey === key ? !descending : true;
    sortKey = key;
    sort(true);
  }

  /** @param {boolean} isAsked */
  function sort(isAsked) {
    for (const [key, cell] of buttons) {
      setAttr(cell, 'aria-sort', key === sortKey ? (descending ? 'descending' : 'ascending') : undefined);
    }
    const column = columns.find(({ key }) => key === sortKey);
    if (column?.sort === undefined) return;
    if (!isAsked && (Date.now() - sortedAtMs < resortMs || table.matches(':hover, :focus-within'))) return;
    sortedAtMs = Date.now();
    const rank = column.sort;
    const sorted = order
      .map((key, index) => ({ key, index, value: rank(rows.get(key)?.row) }))
      .sort(
        (a, b) =>
          (a.value < b.value ? 1 : a.value > b.value ? -1 : 0) * (descending ? 1 : -1) || a.index - b.index,
      )
      .map(({ key }) => key);
    let previous = null;
    for (const key of sorted) {
      const { element: row } = /** @type {any} */ (rows.get(key));
      const place = previous === null ? body.firstChild : previous.nextSibling;
      if (place !== row) body.insertBefore(row, place);
      previous = row;
    }
  }

  return {
    element,
    /** @param {any[]} data All rows; `filter` says which are shown. @param {(row: any) => boolean} [filter] */
    update(data, filter = () => true) {
      const seen = new Set();
      let shown = 0;
      const fresh = document.createDocumentFragment();
      for (const row of data) {
        const key = keyOf(row);
        seen.add(key);
        let known = rows.get(key);
        if (known === undefined) {
          known = makeRow(row);
          rows.set(key, known);
          order.push(key);
          fresh.append(known.element);
          observer.observe(known.element);
        }
        known.row = row;
        const isShown = filter(row);
        if (known.element.hidden === isShown) known.element.hidden = !isShown;
        if (!isShown) continue;
        shown += 1;
        updateRow(known);
      }
      body.append(fresh);
      for (const [key, { element: row }] of rows) {
        if (seen.has(key)) continue;
        observer.unobserve(row);
        visible.delete(row);
        row.remove();
        rows.delete(key);
        order = order.filter((one) => one !== key);
      }
      nothing.hidden = shown > 0;
      table.hidden = shown === 0;
      if (body.querySelector('a.row-link[tabindex="0"]') === null) {
        const first = body.querySelector('tr:not([hidden]) a.row-link');
        if (first !== null) first.tabIndex = 0;
      }
      sort(false);
      return shown;
    },
    /** Puts the focus on the first row. */
    focus() {
      focusRow([...body.children].find((row) => !row.hidden));
    },
    close() {
      observer.disconnect();
    },
  };

  /** @param {any} row */
  function makeRow(row) {
    const cells = columns.map((column, index) => {
      const made = column.make?.(row);
      const inner =
        index === 0 && linkOf !== undefined
          ? h('a', { class: 'row-link', href: linkOf(row), tabindex: -1 }, made)
          : made;
      return index === 0
        ? h('th', { scope: 'row', class: column.class }, inner)
        : h('td', { class: column.class }, inner);
    });
    return { element: h('tr', { class: linkOf === undefined ? undefined : 'linked' }, cells), cells, row };
  }

  /** @param {{ element: any, cells: any[], row: any }} known */
  function updateRow({ element: tr, cells, row }) {
    columns.forEach((column, index) => {
      const cell = cells[index];
      if (column.text !== undefined) setText(cell, column.text(row));
      if (column.tone !== undefined) setAttr(cell, 'data-tone', column.tone(row) || undefined);
      // Pictures only where somebody sees them.
      if (column.update !== undefined && (visible.size === 0 || visible.has(tr))) column.update(cell, row);
    });
  }
}
