/**
 * The connection to the feed: opens it, notices when it is lost, tries again, and finds out when somebody has to
 * sign in first.
 *
 * @module
 */
import { addHappening, addTick, setBff, state } from './store.js';

const firstWaitMs = 1_000;
const longestWaitMs = 10_000;
/** A tick comes every second; without any for so long the connection is not there. */
const silenceMs = 6_000;

/** @type {EventSource | undefined} */
let source;
/** @type {ReturnType<typeof setTimeout> | undefined} */
let timer;
/** @type {ReturnType<typeof setTimeout> | undefined} */
let watchdog;
let waitMs = firstWaitMs;
/** When the next try is. */
export let nextTryMs = 0;
/** @type {(what: string, data?: any) => void} */
let tell = () => {};

/** @param {(what: string, data?: any) => void} listener Hears of everything that changed. */
export function connect(listener) {
  tell = listener;
  open();
}

/** Tries at once. */
export function reconnect() {
  open();
}

function open() {
  clearTimeout(timer);
  source?.close();
  const opened = new EventSource(`/console/events?window=${state.window}`);
  source = opened;
  const on = (/** @type {string} */ event, /** @type {(data: any) => void} */ take) =>
    opened.addEventListener(event, (message) => {
      take(JSON.parse(message.data));
      alive();
      tell(event, undefined);
    });
  on('bff', setBff);
  on('tick', addTick);
  on('happened', (data) => {
    addHappening(data);
    tell('announce', data);
  });
  on('dev', (data) => {
    state.dev = { ...state.dev, ...data };
  });
  on('gone', ({ bff }) => {
    const known = state.bffs.get(bff);
    if (known !== undefined) known.isGone = true;
  });
  opened.addEventListener('error', () => {
    if (opened === source) void lost();
  });
  watch();
}

function alive() {
  waitMs = firstWaitMs;
  if (state.link !== 'live') {
    state.link = 'live';
    tell('link');
  }
  watch();
}

function watch() {
  clearTimeout(watchdog);
  watchdog = setTimeout(() => void lost(), silenceMs);
}

async function lost() {
  source?.close();
  source = undefined;
  clearTimeout(watchdog);
  clearTimeout(timer);
  state.link = (await isLocked()) ? 'locked' : 'lost';
  if (state.link === 'lost') {
    nextTryMs = Date.now() + waitMs;
    timer = setTimeout(open, waitMs);
    waitMs = Math.min(longestWaitMs, waitMs * 2);
  }
  tell('link');
}

async function isLocked() {
  try {
    const answer = await fetch('/console/data', { method: 'HEAD', cache: 'no-store' });
    return answer.status === 401;
  } catch {
    return false;
  }
}
