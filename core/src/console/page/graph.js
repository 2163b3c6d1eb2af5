/**
 * The call graph of an endpoint, drawn from its plan: layers from left to right, what waits for what, live times on
 * every node, and the path the answer waits for.
 *
 * @module
 */
import { h, s, setAttr, setText } from './dom.js';
import { showEdges } from './edges.js';
import { formatMs, formatShare } from './format.js';
import { box, gap, layout, margin } from './graph-layout.js';
import { breakerTone, worstBreaker } from './parts.js';

const end = { width: 84, height: 40 };

/** @param {any} endpoint */
export function callGraph(endpoint) {
  const places = layout(endpoint.nodes);
  const { columns, height } = places;
  const nodeX = (/** @type {number} */ column) => margin + end.width + gap.x + column * (box.width + gap.x);
  const width = nodeX(columns) + end.width + margin;
  const middle = height / 2;
  const picture = s('svg', {
    class: 'graph',
    role: 'img',
    viewBox: `0 0 ${width} ${height}`,
    'aria-label': describe(endpoint),
  });
  /** @type {((numbers: any, bff: any) => void)[]} */
  const updates = [];
  const edges = s('g', {});
  picture.append(edges);

  const request = s('text', {
    class: 'sub',
    x: margin + end.width / 2,
    y: middle + 15,
    'text-anchor': 'middle',
  });
  const answer = s('text', {
    class: 'sub',
    x: nodeX(columns) + end.width / 2,
    y: middle + 15,
    'text-anchor': 'middle',
  });
  picture.append(
    terminal(margin, middle, 'request', request),
    terminal(nodeX(columns), middle, 'answer', answer),
  );
  updates.push((numbers) => {
    setText(request, numbers.count === 0 ? 'none yet' : `${numbers.count}`);
    setText(answer, formatMs(numbers.p50));
  });

  for (const { from, to, lanes } of places.edges) {
    const start = from === '' ? { x: margin + end.width, y: middle } : right(from);
    const goal = to === '' ? { x: nodeX(columns), y: middle } : { x: nodeX(columnOf(to)), y: placeY(to) };
    let d = `M${start.x} ${start.y}`;
    let { x, y } = start;
    for (const lane of lanes) {
      d += `${curve(x, y, nodeX(lane.column), lane.y)}H${nodeX(lane.column) + box.width}`;
      x = nodeX(lane.column) + box.width;
      y = lane.y;
    }
    link(from, to, d + curve(x, y, goal.x, goal.y));
  }
  for (const node of endpoint.nodes) {
    const x = nodeX(columnOf(node.name));
    picture.append(
      node.kind === 'derive' ? derived(node, x, placeY(node.name)) : call(node, x, placeY(node.name)),
    );
  }

  /** @param {string} name @returns {number} */
  function columnOf(name) {
    return places.of.get(name)?.column ?? 0;
  }

  /** @param {string} name @returns {number} */
  function placeY(name) {
    return places.of.get(name)?.y ?? middle;
  }

  /** @param {string} name */
  function right(name) {
    return { x: nodeX(columnOf(name)) + box.width, y: placeY(name) };
  }

  /** @param {string} from @param {string} to @param {string} d */
  function link(from, to, d) {
    const line = s('path', { class: 'edge', d });
    const pulse = s('path', { class: 'pulse', d });
    edges.append(line, pulse);
    updates.push((numbers) => {
      const path = numbers.typical?.path ?? [];
      const start = path.indexOf(from);
      const isCritical =
        from === ''
          ? path[0] === to
          : to === ''
            ? path.at(-1) === from
            : start >= 0 && path[start + 1] === to;
      setAttr(line, 'data-critical', isCritical ? 'true' : undefined);
      setAttr(pulse, 'data-critical', isCritical ? 'true' : undefined);
      setAttr(pulse, 'data-live', numbers.last?.[0] > 0 ? 'true' : undefined);
    });
  }

  /** @param {any} node @param {number} x @param {number} y */
  function call(node, x, y) {
    const top = y - box.height / 2;
    const frame = s('rect', {
      class: `box ${node.required ? 'required' : 'optional'}`,
      x,
      y: top,
      width: box.width,
      height: box.height,
      rx: 8,
    });
    const stack =
      node.kind === 'each'
        ? s('rect', {
            class: 'box behind',
            x: x + 4,
            y: top + 4,
            width: box.width,
            height: box.height,
            rx: 8,
          })
        : null;
    const dot = s('circle', { class: 'state', cx: x + 14, cy: top + 18, r: 4 });
    const times = s('text', { class: 'time', x: x + box.width - 12, y: top + 22, 'text-anchor': 'end' });
    const slack = s('text', { class: 'slack', x: x + box.width - 12, y: top + 56, 'text-anchor': 'end' });
    const budget = s('rect', {
      class: 'budget',
      x: x + 1,
      y: top + box.height - 4,
      width: box.width - 2,
      height: 3,
      rx: 1.5,
    });
    const used = s('rect', {
      class: 'used',
      x: x + 1,
      y: top + box.height - 4,
      width: 0,
      height: 3,
      rx: 1.5,
    });
    const words = [
      node.required ? 'required' : node.fallback ? 'falls back' : 'optional',
      node.kind === 'each' ? `each ≤${node.maxCalls}` : '',
      node.conditional ? 'if' : '',
    ].filter(Boolean);
    const kind = s('text', { class: 'kind', x: x + 12, y: top + 56 });
    updates.push((numbers, bff) => {
      const own = numbers.nodes?.[node.name];
      const kept =
        own?.lookups > 0 ? `cache ${formatShare(own.found, own.lookups)}` : node.cache ? 'cache' : '';
      const path = numbers.typical?.path ?? [];
      const isCritical = path.includes(node.name);
      const [upstream] = node.operation.split('.');
      const status = bff.tick.upstreams.find((/** @type {any} */ one) => one.upstream === upstream);
      const worst = worstBreaker(status?.breakers ?? []);
      const failing = own !== undefined && own.count > 0 && own.errors / own.count > 0.05;
      setText(kind, shortened([...words, kept].filter(Boolean).join(' · '), worst === 'closed' ? 24 : 16));
      setAttr(frame, 'data-critical', isCritical ? 'true' : undefined);
      setAttr(frame, 'data-tone', worst !== 'closed' ? breakerTone(worst) : failing ? 'bad' : undefined);
      setAttr(
        dot,
        'data-tone',
        own === undefined || own.count === 0
          ? undefined
          : worst !== 'closed'
            ? breakerTone(worst)
            : failing
              ? 'bad'
              : 'good',
      );
      setText(times, own?.count > 0 ? formatMs(own.p50) : own?.found > 0 ? 'kept' : '–');
      setAttr(
        used,
        'width',
        own === undefined
          ? 0
          : Math.min(1, own.p95 / (node.timeoutMs ?? endpoint.deadlineMs)) * (box.width - 2),
      );
      setAttr(
        used,
        'data-tone',
        own !== undefined && own.p95 > 0.8 * (node.timeoutMs ?? 1e9) ? 'warn' : undefined,
      );
      const spare = numbers.typical?.slackMs[node.name];
      setText(
        slack,
        worst !== 'closed'
          ? `breaker ${worst}`
          : failing
            ? `${formatShare(own.errors, own.count)} fail`
            : isCritical
              ? 'critical'
              : spare === undefined
                ? ''
                : `+${formatMs(spare).replace('–', '0 ms')}`,
      );
      setAttr(
        slack,
        'data-tone',
        worst !== 'closed' || failing ? 'bad' : isCritical ? 'critical' : undefined,
      );
    });
    return s(
      'g',
      {},
      s(
        'title',
        {},
        `${node.name}: ${node.operation}, ${words.join(', ')}, at most ${formatMs(node.timeoutMs)}${fieldsText(node)}`,
      ),
      stack,
      frame,
      budget,
      used,
      dot,
      s('text', { class: 'name', x: x + 25, y: top + 22 }, shortened(node.name, 15)),
      s('text', { class: 'sub', x: x + 12, y: top + 39 }, shortened(node.operation, 28)),
      kind,
      times,
      slack,
    );
  }

  /** @param {any} node @param {number} x @param {number} y */
  function derived(node, x, y) {
    const frame = s('rect', {
      class: 'box derive',
      x: x + 30,
      y: y - box.small / 2,
      width: box.width - 60,
      height: box.small,
      rx: box.small / 2,
    });
    const lines = [
      s('path', { class: 'edge thin', d: `M${x} ${y}H${x + 30}` }),
      s('path', { class: 'edge thin', d: `M${x + box.width - 30} ${y}H${x + box.width}` }),
    ];
    updates.push((numbers) => {
      const isCritical = (numbers.typical?.path ?? []).includes(node.name);
      for (const one of [frame, ...lines]) setAttr(one, 'data-critical', isCritical ? 'true' : undefined);
    });
    return s(
      'g',
      {},
      s('title', {}, `${node.name}: derived from ${node.dependencies.join(', ')}`),
      lines,
      frame,
      s(
        'text',
        { class: 'derive-name', x: x + box.width / 2, y: y + 4, 'text-anchor': 'middle' },
        `ƒ ${shortened(node.name.replace(/^derive#/, 'derive '), 16)}`,
      ),
    );
  }

  picture.style.setProperty('max-width', `${width}px`);
  picture.style.setProperty('min-width', `${Math.round(width * 0.68)}px`);
  const element = h(
    'div',
    { class: 'graph-box', tabindex: 0, role: 'group', 'aria-label': 'Call graph' },
    picture,
  );
  showEdges(element);
  return {
    element,
    /** @param {any} numbers @param {any} bff */
    update(numbers, bff) {
      for (const one of updates) one(numbers, bff);
    },
  };
}

/** @param {number} x @param {number} y @param {string} name @param {any} sub */
function terminal(x, y, name, sub) {
  return s(
    'g',
    {},
    s('rect', {
      class: 'box terminal',
      x,
      y: y - end.height / 2,
      width: end.width,
      height: end.height,
      rx: end.height / 2,
    }),
    s('text', { class: 'name', x: x + end.width / 2, y: y - 1, 'text-anchor': 'middle' }, name),
    sub,
  );
}

/** @param {number} x1 @param {number} y1 @param {number} x2 @param {number} y2 */
function curve(x1, y1, x2, y2) {
  const bend = (x2 - x1) * 0.5;
  return `C${x1 + bend} ${y1} ${x2 - bend} ${y2} ${x2} ${y2}`;
}

/** The same in words. @param {any} endpoint */
function describe(endpoint) {
  const sentences = endpoint.nodes.map((/** @type {any} */ node) => {
    const after = node.dependencies.length === 0 ? 'at once' : `after ${node.dependencies.join(' and ')}`;
    return node.kind === 'derive'
      ? `${node.name} is derived ${after}`
      : `${node.name} calls ${node.operation} ${after}, ${node.required ? 'required' : 'optional'}`;
  });
  return `Call graph of ${endpoint.key}: ${sentences.join('; ')}.`;
}

/** @param {any} node */
function fieldsText({ fields = [] }) {
  return fields.length === 0
    ? ''
    : `, reads ${fields.slice(0, 12).join(', ')}${fields.length > 12 ? ', …' : ''}`;
}

/** @param {string} text @param {number} most */
function shortened(text, most) {
  return text.length > most ? `${text.slice(0, most - 1)}…` : text;
}
