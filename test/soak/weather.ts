/**
 * The weather of the soak: what the services do, changing all the time, the same for the same seed.
 *
 * @module
 */
import { gzipBomb } from '../support/bombs.ts';
import * as faults from '../support/faults.ts';
import type { Fault, SeenRequest } from '../support/faulty-upstream.ts';

export type Chance = () => number;

/** Numbers in `[0, 1)`: mulberry32. */
export function chanceOf(seed: number): Chance {
  let state = seed | 0;
  return function chance() {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** A right answer: the token of the request. */
export const echo: Fault = (socket, request) => faults.ok({ token: tokenOf(request) })(socket, request);

function tokenOf({ method, path, headers, body }: SeenRequest): string {
  if (method === 'POST') return (JSON.parse(body) as { readonly token: string }).token;
  if (path === '/mine') return headers['x-test-caller'] ?? '';
  return path.slice(path.lastIndexOf('/') + 1);
}

function late(delayMs: number): Fault {
  return (socket, request) => faults.slow(delayMs, { token: tokenOf(request) })(socket, request);
}

/** A right answer, then goodbye while the next request may be on its way. */
const leaves: Fault = (socket, request) => {
  echo(socket, request);
  setImmediate(() => socket.end());
};

const bomb = gzipBomb(100);
const kinds: readonly [name: string, fault: Fault][] = [
  ['fair', echo],
  ['late', late(30)],
  ['too late', late(400)],
  ['hang', faults.hang],
  ['hang mid-body', faults.hangMidBody()],
  ['drip', faults.drip(20)],
  ['leaves', leaves],
  ['ends', faults.endBeforeAnswer],
  ['reset', faults.resetBeforeAnswer],
  ['reset mid-body', faults.resetMidBody],
  ['truncated', faults.truncated],
  ['truncated chunks', faults.truncatedChunks],
  ['announces more', faults.announcesMore],
  ['huge', faults.huge(4 * 1_024 * 1_024)],
  ['gzip bomb', faults.bytes(bomb, { coding: 'gzip' })],
  ['Latin-1', faults.bytes(Buffer.from('{"token":"é"}', 'latin1'))],
  ['broken JSON', faults.text('{"token":"1"')],
  ['wrong shape', faults.text('{"token":1}')],
  ['204', faults.noContent],
  ['redirect', faults.redirect('/')],
  ['64 KB of headers', faults.bigHeaders(65_536)],
  ['garbage', faults.garbage],
  ['bad chunk', faults.badChunk],
  ['500', faults.status(500)],
  ['503', faults.status(503)],
  ['429', faults.status(429, 'Retry-After: 1\r\n')],
  ['404', faults.status(404)],
];

export interface Weather {
  readonly name: string;
  readonly fault: Fault;
}

/** One kind of weather, for a part of the requests; a third of the time it is fair. */
export function nextWeather(chance: Chance): Weather {
  const [name, fault] = (chance() < 1 / 3 ? kinds[0] : kinds[Math.floor(chance() * kinds.length)]) ?? [
    'fair',
    echo,
  ];
  const share = 0.05 + 0.4 * chance();
  return { name, fault: (socket, request) => (chance() < share ? fault : echo)(socket, request) };
}
