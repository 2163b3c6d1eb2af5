/**
 * For development: what is wrong with the services of the mock company, and how much traffic there is. One click
 * each way.
 *
 * @module
 */
import { announce, h, replace, setAttr, setText } from './dom.js';
import { breakerTone, segments, worstBreaker } from './parts.js';
import { state } from './store.js';

/** @type {readonly (readonly [fault: string, text: string, title: string])[]} */
const faults = [
  ['latency:900ms', 'slow', 'Answers 900 ms later'],
  ['status:500', '500s', 'Answers 500 to everything'],
  ['hang', 'hang', 'Never answers'],
  ['malformed', 'bad JSON', 'Answers JSON that breaks off'],
];

export function dock() {
  const list = h('ul', { class: 'fault-list' });
  const note = h('p', { class: 'muted', role: 'status' });
  const heal = h(
    'button',
    { type: 'button', class: 'primary', on: { click: () => void send('DELETE', '/console/dev/faults') } },
    'All well again',
  );
  const traffic = segments({
    label: 'Traffic',
    options: [
      ['off', 'Off'],
      ['gentle', 'Gentle'],
      ['busy', 'Busy'],
    ],
    chosen: 'off',
    onChoose: (mode) => void send('PUT', '/console/dev/traffic', { mode }),
  });
  const element = h(
    'aside',
    { class: 'dock', id: 'dock', 'aria-label': 'Faults and traffic' },
    h('header', {}, h('h2', {}, 'Break something'), heal),
    h('div', { class: 'dock-line' }, h('span', {}, 'Traffic'), traffic.element),
    list,
    note,
    h('p', { class: 'muted small' }, 'For development. A fault stays until it is clicked again.'),
  );
  /** @type {Map<string, { update: () => void, element: any }>} */
  const services = new Map();

  /** @param {string} service */
  function serviceLine(service) {
    const dot = h('span', { class: 'dot' });
    const said = h('span', { class: 'muted' });
    const buttons = faults.map(([fault, text, title]) =>
      h(
        'button',
        {
          type: 'button',
          title,
          'aria-pressed': 'false',
          'aria-label': `${service} ${text}: ${title}`,
          'data-fault': fault,
          on: { click: () => toggle(service, fault) },
        },
        text,
      ),
    );
    return {
      element: h(
        'li',
        {},
        h('p', {}, dot, h('strong', {}, service), said),
        h('div', { class: 'segments', role: 'group', 'aria-label': `Faults of ${service}` }, buttons),
      ),
      update() {
        const set = state.dev.faults[service] ?? [];
        for (const [index, button] of buttons.entries())
          setAttr(button, 'aria-pressed', String(set.includes(faults[index]?.[0])));
        const worst = worstBreaker(
          [...state.bffs.values()].flatMap((bff) =>
            bff.tick.upstreams
              .filter((/** @type {any} */ one) => one.upstream === service)
              .flatMap((/** @type {any} */ one) => one.breakers),
          ),
        );
        setAttr(dot, 'data-tone', breakerTone(worst));
        const other = set.filter((/** @type {string} */ one) => !faults.some(([fault]) => fault === one));
        setText(said, worst === 'closed' ? other.join(', ') : `breaker ${worst}`);
      },
    };
  }

  /** @param {string} service @param {string} fault */
  function toggle(service, fault) {
    const isSet = (state.dev.faults[service] ?? []).includes(fault);
    const next = isSet ? [] : [fault];
    state.dev.faults = { ...state.dev.faults, [service]: next };
    update();
    void send('PUT', `/console/dev/faults/${encodeURIComponent(service)}`, next);
  }

  /** @param {string} method @param {string} path @param {unknown} [body] */
  async function send(method, path, body) {
    try {
      const answer = await fetch(path, {
        method,
        ...(body === undefined
          ? {}
          : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
      });
      setText(note, answer.ok ? '' : `That did not work: ${answer.status}`);
      if (answer.ok && method === 'DELETE') announce('All services are well again.');
    } catch {
      setText(note, 'That did not work: the console is not there.');
    }
  }

  function update() {
    if (state.dev?.faults === undefined) return;
    const names = Object.keys(state.dev.faults);
    if (names.join() !== [...services.keys()].join()) {
      services.clear();
      for (const name of names) services.set(name, serviceLine(name));
      replace(
        list,
        [...services.values()].map((one) => one.element),
      );
    }
    for (const one of services.values()) one.update();
    traffic.show(state.dev.traffic ?? 'off');
    heal.disabled = Object.values(state.dev.faults).every((/** @type {any} */ set) => set.length === 0);
  }
  return { element, update };
}
