/**
 * Who calls whom, drawn: gateways on the left, services on the right, lines as thick as the traffic is, red where it
 * fails, cut where a breaker is open.
 *
 * @module
 */
import { h, s, setAttr, setText } from './dom.js';
import { formatMs, formatRate, formatShare } from './format.js';
import { breakerTone, worstBreaker } from './parts.js';
import { linkTo } from './router.js';
import { rateOf, sumTracks } from './store.js';

const rowHeight = 31;
const leastWidth = 300;

export function flowMap() {
  const picture = s('svg', { class: 'flow', role: 'group' });
  const element = h(
    'div',
    { class: 'flow-box', tabindex: 0, role: 'group', 'aria-label': 'Map of the traffic' },
    picture,
  );
  let shape = '';
  let width = 0;
  let left = { x: 2, width: 132 };
  let right = { x: 0, width: 260 };
  /** @type {((bffs: any[]) => void)[]} */
  let updates = [];

  /** @param {any[]} bffs */
  function draw(bffs) {
    picture.replaceChildren();
    updates = [];
    const [leftWidth, rightWidth] = width < 420 ? [84, 164] : width < 560 ? [104, 212] : [132, 260];
    left = { x: 2, width: leftWidth };
    right = { x: width - rightWidth - 2, width: rightWidth };
    const services = servicesOf(bffs);
    const height = Math.max(services.length, bffs.length * 2, 3) * rowHeight + 10;
    setAttr(picture, 'viewBox', `0 0 ${width} ${height}`);
    setAttr(picture, 'width', width);
    setAttr(picture, 'height', height);
    const middle = (/** @type {number} */ index, /** @type {number} */ count) =>
      ((index + 0.5) * (height - 10)) / count + 5;
    const edges = s('g', {});
    picture.append(edges);
    const serviceY = new Map(services.map((name, index) => [name, middle(index, services.length)]));
    bffs.forEach((bff, index) => {
      const y = middle(index, bffs.length);
      for (const name of services) {
        const operations = [...bff.callTracks.keys()].filter((key) => key.startsWith(`${name}.`));
        const known = bff.tick.upstreams.some((/** @type {any} */ one) => one.upstream === name);
        if (known) edges.append(edge(bff.name, name, y, serviceY.get(name) ?? 0, operations));
      }
      picture.append(bffNode(bff.name, y));
    });
    for (const name of services) picture.append(serviceNode(name, serviceY.get(name) ?? 0));
  }

  /** @param {string} bffName @param {string} service @param {number} y1 @param {number} y2 @param {string[]} _operations */
  function edge(bffName, service, y1, y2, _operations) {
    const x1 = left.x + left.width;
    const x2 = right.x;
    const bend = (x2 - x1) * 0.45;
    const d = `M${x1} ${y1}C${x1 + bend} ${y1} ${x2 - bend} ${y2} ${x2} ${y2}`;
    const line = s('path', { class: 'edge', d });
    const pulse = s('path', { class: 'pulse', d });
    updates.push((bffs) => {
      const bff = bffs.find(({ name }) => name === bffName);
      if (bff === undefined) return;
      const tracks = [...bff.callTracks]
        .filter(([key]) => key.startsWith(`${service}.`))
        .map(([, track]) => track);
      const track = sumTracks(tracks);
      const rate = rateOf(track);
      const bad = track.errors
        .slice(-10)
        .reduce((/** @type {number} */ sum, /** @type {number} */ one) => sum + one, 0);
      const status = bff.tick.upstreams.find((/** @type {any} */ one) => one.upstream === service);
      const breaker = worstBreaker(status?.breakers ?? []);
      const tone =
        breaker === 'open' || breaker === 'isolated'
          ? 'open'
          : bad / Math.max(1, rate * 10) > 0.05
            ? 'bad'
            : '';
      setAttr(line, 'stroke-width', (1 + Math.min(5, Math.log2(1 + rate))).toFixed(1));
      setAttr(line, 'data-tone', tone || undefined);
      setAttr(pulse, 'data-live', rate > 0 && tone !== 'open' ? 'true' : undefined);
      setAttr(pulse, 'data-tone', tone || undefined);
    });
    return s('g', {}, line, pulse);
  }

  /** @param {string} name @param {number} y */
  function bffNode(name, y) {
    const rate = s('text', { class: 'sub', x: left.x + 12, y: y + 14 });
    updates.push((bffs) => {
      const bff = bffs.find((one) => one.name === name);
      if (bff !== undefined)
        setText(rate, bff.isGone ? 'away' : `${formatRate(rateOf(sumTracks(bff.tracks.values())))} req/s`);
    });
    return s(
      'a',
      { href: linkTo(name, 'overview') },
      s('rect', { class: 'box gateway', x: left.x, y: y - 22, width: left.width, height: 44, rx: 8 }),
      s('text', { class: 'name', x: left.x + 12, y: y - 3 }, name),
      rate,
    );
  }

  /** @param {string} name @param {number} y */
  function serviceNode(name, y) {
    const box = s('rect', { class: 'box', x: right.x, y: y - 13, width: right.width, height: 26, rx: 6 });
    const dot = s('circle', { class: 'state', cx: right.x + 14, cy: y, r: 4 });
    const figures = s('text', {
      class: 'sub',
      x: right.x + right.width - 10,
      y: y + 4,
      'text-anchor': 'end',
    });
    const node = s(
      'a',
      { href: linkTo('all', 'upstreams') },
      box,
      dot,
      s('text', { class: 'name', x: right.x + 26, y: y + 4 }, shortened(name, 16)),
      figures,
    );
    updates.push((bffs) => {
      const states = bffs.flatMap((bff) =>
        bff.tick.upstreams
          .filter((/** @type {any} */ one) => one.upstream === name)
          .flatMap((/** @type {any} */ one) => one.breakers),
      );
      const worst = worstBreaker(states);
      const numbers = bffs.flatMap((bff) =>
        Object.entries(bff.tick.operations)
          .filter(([key]) => key.startsWith(`${name}.`))
          .map(([, one]) => one),
      );
      const count = numbers.reduce((sum, one) => sum + one.count, 0);
      const errors = numbers.reduce((sum, one) => sum + one.errors, 0);
      const p95 = Math.max(0, ...numbers.map((one) => one.p95));
      setAttr(box, 'data-tone', worst === 'closed' ? undefined : breakerTone(worst));
      setAttr(dot, 'data-tone', breakerTone(worst));
      const text =
        worst === 'closed'
          ? count === 0
            ? 'idle'
            : `${formatMs(p95)}  ${errors > 0 ? `${formatShare(errors, count)} fail` : ''}`.trim()
          : `breaker ${worst}`;
      setText(figures, width >= 420 ? text : worst === 'closed' ? '' : worst);
      setAttr(
        figures,
        'data-tone',
        worst === 'closed' ? (errors > 0 ? 'warn' : undefined) : breakerTone(worst),
      );
    });
    return node;
  }

  return {
    element,
    /** @param {any[]} bffs */
    update(bffs) {
      const now = Math.max(leastWidth, element.clientWidth - 24);
      const next = [
        now,
        ...bffs.map(
          (bff) => `${bff.name}:${bff.tick.upstreams.map((/** @type {any} */ one) => one.upstream)}`,
        ),
      ].join(';');
      if (next !== shape) {
        shape = next;
        width = now;
        draw(bffs);
      }
      for (const one of updates) one(bffs);
      setAttr(picture, 'aria-label', `${bffs.length} gateways call ${servicesOf(bffs).length} services`);
    },
  };
}

/** @param {any[]} bffs @returns {string[]} */
function servicesOf(bffs) {
  return [
    ...new Set(bffs.flatMap((bff) => bff.tick.upstreams.map((/** @type {any} */ one) => one.upstream))),
  ];
}

/** @param {string} text @param {number} most */
function shortened(text, most) {
  return text.length > most ? `${text.slice(0, most - 1)}…` : text;
}
