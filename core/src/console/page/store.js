/**
 * What the page knows: every BFF with its numbers, its last five minutes and its requests, kept up by the feed.
 *
 * @module
 */
const keptSeconds = 300;
const keptRecent = 24;
const keptSlow = 12;

/**
 * @typedef {{ recent: any[], slowest: any[] }} RouteRequests
 * @typedef {{ count: Float64Array, errors: Float64Array, degraded: Float64Array }} Track
 * @typedef {{
 *   name: string, about: any, tick: any, tracks: Map<string, Track>, callTracks: Map<string, Track>,
 *   requests: Map<string, RouteRequests>, plans: Map<string, any>, isGone: boolean,
 * }} BffState
 */

/** All that is shown. */
export const state = {
  /** @type {Map<string, BffState>} */
  bffs: new Map(),
  /** Seconds. */
  window: 60,
  /** @type {'connecting' | 'live' | 'lost' | 'locked'} */
  link: 'connecting',
  /** What only development has: faults, traffic, addresses. @type {any} */
  dev: undefined,
  nowMs: Date.now(),
};

/** @param {any} view */
export function setBff({ about, tick }) {
  const bff = {
    name: about.name,
    about,
    tick: { ...tick, requests: [] },
    tracks: new Map(),
    callTracks: new Map(),
    requests: new Map(),
    plans: new Map(about.endpoints.map((/** @type {any} */ endpoint) => [endpoint.key, endpoint])),
    isGone: false,
  };
  for (const [key, numbers] of Object.entries(tick.routes)) bff.tracks.set(key, trackOf(numbers.history));
  for (const [key, numbers] of Object.entries(tick.operations))
    bff.callTracks.set(key, trackOf(numbers.history));
  keepRequests(bff, tick.requests);
  state.bffs.set(bff.name, bff);
  state.nowMs = tick.atMs;
}

/** @param {any} tick */
export function addTick(tick) {
  const bff = state.bffs.get(tick.bff);
  if (bff === undefined) return;
  bff.isGone = false;
  pushAll(bff.tracks, tick.routes);
  pushAll(bff.callTracks, tick.operations);
  keepRequests(bff, tick.requests);
  bff.tick = { ...tick, requests: [] };
  state.nowMs = tick.atMs;
}

/** @param {any} told */
export function addHappening({ bff: name, happened, upstreams }) {
  const bff = state.bffs.get(name);
  if (bff === undefined) return;
  bff.tick = { ...bff.tick, happened: [...bff.tick.happened, happened], upstreams };
}

/** The BFFs a scope stands for. @param {string} scope @returns {BffState[]} */
export function scoped(scope) {
  if (scope === 'all') return [...state.bffs.values()];
  const bff = state.bffs.get(scope);
  return bff === undefined ? [] : [bff];
}

/** Requests a second lately, over the last ten. @param {Track | undefined} track */
export function rateOf(track) {
  if (track === undefined) return 0;
  let total = 0;
  for (let index = keptSeconds - 10; index < keptSeconds; index += 1) total += track.count[index];
  return total / 10;
}

const lines = /** @type {const} */ (['count', 'errors', 'degraded']);

/** Tracks of many places as one. @param {Iterable<Track>} tracks @returns {Track} */
export function sumTracks(tracks) {
  const total = emptyTrack();
  for (const track of tracks) {
    for (const line of lines) {
      for (let index = 0; index < keptSeconds; index += 1) total[line][index] += track[line][index];
    }
  }
  return total;
}

/** @returns {Track} */
function emptyTrack() {
  return {
    count: new Float64Array(keptSeconds),
    errors: new Float64Array(keptSeconds),
    degraded: new Float64Array(keptSeconds),
  };
}

/** @param {any} history @returns {Track} */
function trackOf(history = {}) {
  const track = emptyTrack();
  for (const line of lines) {
    const values = (history[line] ?? []).slice(-keptSeconds);
    track[line].set(values, keptSeconds - values.length);
  }
  return track;
}

/** @param {Map<string, Track>} tracks @param {any} numbers */
function pushAll(tracks, numbers) {
  for (const key of Object.keys(numbers)) if (!tracks.has(key)) tracks.set(key, trackOf());
  for (const [key, track] of tracks) {
    const last = numbers[key]?.last ?? [];
    lines.forEach((line, index) => {
      track[line].copyWithin(0, 1);
      track[line][keptSeconds - 1] = last[index] ?? 0;
    });
  }
}

/** @param {BffState} bff @param {any[]} requests */
function keepRequests(bff, requests) {
  for (const request of requests) {
    request.bff = bff.name;
    const kept = bff.requests.get(request.route) ?? { recent: [], slowest: [] };
    bff.requests.set(request.route, kept);
    if (kept.recent.some(({ id }) => id === request.id)) continue;
    kept.recent = [request, ...kept.recent].sort((a, b) => b.atMs - a.atMs).slice(0, keptRecent);
    const fresh = kept.slowest.filter(({ atMs, id }) => request.atMs - atMs < 300_000 && id !== request.id);
    kept.slowest = [request, ...fresh].sort((a, b) => b.ms - a.ms).slice(0, keptSlow);
  }
}
