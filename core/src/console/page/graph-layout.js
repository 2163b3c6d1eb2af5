/**
 * Where the nodes of a call graph stand, and which way its arrows go.
 *
 * @module
 */

export const box = { width: 222, height: 68, small: 34, lane: 10 };
export const gap = { x: 58, y: 18 };
export const margin = 14;

/**
 * Every node in the column after all it needs, close to what it needs. An arrow that passes columns has a lane of its
 * own in each, so that it crosses no node.
 *
 * @param {any[]} nodes
 */
export function layout(nodes) {
  const column = new Map();
  for (const { name, dependencies } of nodes) {
    const before = dependencies.map((/** @type {string} */ needed) => column.get(needed) ?? -1);
    column.set(name, Math.max(-1, ...before) + 1);
  }
  const columns = Math.max(0, ...column.values()) + 1;
  const needed = new Set(nodes.flatMap(({ dependencies }) => dependencies));
  const edges = nodes.flatMap(({ name, dependencies }) => [
    ...(dependencies.length === 0 ? [{ from: '', to: name }] : []),
    ...dependencies
      .filter((/** @type {string} */ one) => column.has(one))
      .map((/** @type {string} */ from) => ({ from, to: name })),
    ...(needed.has(name) ? [] : [{ from: name, to: '' }]),
  ]);
  /** @type {any[][]} */
  const layers = Array.from({ length: columns }, () => []);
  for (const { name, kind, dependencies } of nodes) {
    layers[column.get(name)]?.push({
      key: name,
      after: dependencies,
      tall: (kind === 'derive' ? box.small : box.height) + gap.y,
    });
  }
  for (const { from, to } of edges) {
    const last = to === '' ? columns : column.get(to);
    for (let at = (from === '' ? -1 : column.get(from)) + 1; at < last; at += 1) {
      layers[at]?.push({
        key: laneKey(from, to, at),
        after: [at === column.get(from) + 1 ? from : laneKey(from, to, at - 1)],
        tall: box.lane + gap.y,
      });
    }
  }
  const height =
    Math.max(120, ...layers.map((layer) => layer.reduce((sum, { tall }) => sum + tall, 0))) + 2 * margin;
  const of = new Map();
  layers.forEach((layer, index) => {
    const wish = (/** @type {any} */ one) => {
      const ys = one.after.flatMap((/** @type {string} */ name) => of.get(name)?.y ?? []);
      return ys.length === 0
        ? height / 2
        : ys.reduce((/** @type {number} */ a, /** @type {number} */ b) => a + b, 0) / ys.length;
    };
    const sorted = index === 0 ? layer : [...layer].sort((a, b) => wish(a) - wish(b));
    const total = sorted.reduce((sum, { tall }) => sum + tall, 0);
    const wished = sorted.reduce((sum, one) => sum + wish(one), 0) / Math.max(1, sorted.length);
    let y = Math.min(Math.max(margin, wished - total / 2), Math.max(margin, height - margin - total));
    for (const { key, tall } of sorted) {
      of.set(key, { column: index, y: y + tall / 2 });
      y += tall;
    }
  });
  const lanesOf = (/** @type {string} */ from, /** @type {string} */ to) =>
    layers.flatMap((_, at) => of.get(laneKey(from, to, at)) ?? []);
  return {
    of,
    columns,
    height,
    edges: edges.map(({ from, to }) => ({ from, to, lanes: lanesOf(from, to) })),
  };
}

/** @param {string} from @param {string} to @param {number} at */
function laneKey(from, to, at) {
  return `${from}\n${to}\n${at}`;
}
