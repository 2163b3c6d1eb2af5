/**
 * The soak: very many requests through a gateway whose services fail in ever new ways. Every request
 * has a token that the services echo, so that an answer which belongs to another request is seen.
 *
 * @module
 */
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { Agent, request } from 'undici';
import { childProcess } from '../support/child-bff.ts';
import { type FaultyUpstream, faultyUpstream } from '../support/faulty-upstream.ts';
import type { Holdings } from './holdings.ts';
import { type Chance, chanceOf, echo, nextWeather } from './weather.ts';

export interface SoakOptions {
  readonly requests: number;
  /** Requests at once. Default 64. */
  readonly concurrency?: number;
  /** Requests until the weather changes. Default 300. */
  readonly changeEvery?: number;
  /** How often the heap is looked at. Default 40. */
  readonly samples?: number;
  readonly seed: number;
  /** Hears how many requests are done, now and then. */
  readonly onProgress?: (done: number, holdings: Holdings) => void;
}

export interface HeapSample {
  readonly done: number;
  readonly heapBytes: number;
}

export interface SlowAnswer {
  readonly ms: number;
  readonly what: string;
}

export interface SoakReport {
  readonly seed: number;
  readonly requests: number;
  readonly seconds: number;
  readonly changes: number;
  /** How often each kind of weather was chosen. */
  readonly weather: Readonly<Record<string, number>>;
  /** By status; `left` is for clients that left. */
  readonly answers: Readonly<Record<string, number>>;
  /** Answers of which an optional part, or the present state of a required one, was missing. */
  readonly degraded: number;
  readonly slowest: SlowAnswer;
  /** The longest the event loop of client and services stood still, in milliseconds. */
  readonly stallMs: number;
  /** What was wrong with answers; the first few. */
  readonly wrong: readonly string[];
  readonly wrongCount: number;
  readonly samples: readonly HeapSample[];
  readonly before: Holdings;
  readonly after: Holdings;
  /** Connections to the services that were never closed. */
  readonly leftOpen: number;
  readonly exitCode: number | null;
}

const serviceCount = 3;
const leaveShare = 0.02;
const callers = 50;
/** Kept-alive connections to services close after 4 s. */
const quietMs = 15_000;
const rememberedWrongs = 10;

/** Runs the whole soak: starts services and gateway, and stops them. */
export async function soak(options: SoakOptions): Promise<SoakReport> {
  const services = await Promise.all(
    Array.from({ length: serviceCount }, () => faultyUpstream(echo, { remembers: false })),
  );
  const script = fileURLToPath(new URL('gateway.process.ts', import.meta.url));
  const gateway = await childProcess(['--expose-gc', script, ...services.map(({ url }) => url)]);
  try {
    const run = new Run(gateway.url, services, options);
    const figures = await run.run();
    gateway.signal('SIGTERM');
    return { ...figures, exitCode: await gateway.exit };
  } finally {
    gateway.signal('SIGKILL');
    await Promise.all(services.map((service) => service.close()));
  }
}

class Run {
  readonly #url: string;
  readonly #services: readonly FaultyUpstream[];
  readonly #options: SoakOptions;
  readonly #chance: Chance;
  readonly #agent: Agent;
  readonly #answers: Record<string, number> = {};
  readonly #weather: Record<string, number> = {};
  readonly #wrong: string[] = [];
  #wrongCount = 0;
  #degraded = 0;
  readonly #loop = monitorEventLoopDelay();
  #slowest: SlowAnswer = { ms: 0, what: '' };
  #changes = 0;
  #next = 0;

  constructor(url: string, services: readonly FaultyUpstream[], options: SoakOptions) {
    this.#url = url;
    this.#services = services;
    this.#options = options;
    this.#chance = chanceOf(options.seed);
    this.#agent = new Agent({ connections: options.concurrency ?? 64 });
  }

  async run(): Promise<Omit<SoakReport, 'exitCode'>> {
    const { requests, concurrency = 64, samples: sampleCount = 40, seed, onProgress } = this.#options;
    const startMs = performance.now();
    this.#loop.enable();
    const samples: HeapSample[] = [];
    const before = await this.#holdings();
    for (let sample = 1; sample <= sampleCount; sample += 1) {
      const until = Math.round((requests * sample) / sampleCount);
      await Promise.all(Array.from({ length: concurrency }, () => this.#work(until)));
      const holdings = await this.#holdings();
      samples.push({ done: until, heapBytes: holdings.heapBytes });
      onProgress?.(until, holdings);
    }
    const seconds = (performance.now() - startMs) / 1_000;
    await this.#agent.close();
    for (const service of this.#services) service.mode = echo;
    await Promise.race([
      Promise.all(this.#services.map((service) => service.quiet())),
      sleep(quietMs, undefined, { ref: false }),
    ]);
    return {
      seed,
      requests,
      seconds,
      changes: this.#changes,
      weather: this.#weather,
      answers: this.#answers,
      degraded: this.#degraded,
      slowest: this.#slowest,
      stallMs: this.#loop.max / 1e6,
      wrong: this.#wrong,
      wrongCount: this.#wrongCount,
      samples,
      before,
      after: await this.#holdings(),
      leftOpen: this.#services.reduce((open, service) => open + service.openSockets(), 0),
    };
  }

  async #holdings(): Promise<Holdings> {
    const agent = new Agent();
    const { body } = await request(`${this.#url}/soak`, { dispatcher: agent });
    const holdings = (await body.json()) as Holdings;
    await agent.close();
    return holdings;
  }

  async #work(until: number): Promise<void> {
    while (this.#next < until) {
      const index = this.#next;
      this.#next += 1;
      if (index % (this.#options.changeEvery ?? 300) === 0) this.#change();
      await this.#ask(index);
    }
  }

  #change(): void {
    this.#changes += 1;
    for (const service of this.#services) {
      const { name, fault } = nextWeather(this.#chance);
      service.mode = fault;
      this.#weather[name] = (this.#weather[name] ?? 0) + 1;
    }
  }

  async #ask(index: number): Promise<void> {
    const asked = askOf(index, this.#chance());
    const leaving = this.#chance() < leaveShare ? new AbortController() : undefined;
    const timer = leaving === undefined ? undefined : setTimeout(() => leaving.abort(), this.#chance() * 20);
    const startMs = performance.now();
    try {
      const answer = await request(this.#url + asked.path, {
        dispatcher: this.#agent,
        method: asked.method,
        headers: asked.headers,
        body: asked.body ?? null,
        ...(leaving === undefined ? {} : { signal: leaving.signal }),
      });
      const text = await answer.body.text();
      const ms = performance.now() - startMs;
      if (ms > this.#slowest.ms) this.#slowest = { ms, what: `${asked.path}: ${answer.statusCode}` };
      const degraded = answer.headers['bff-degraded'];
      if (degraded !== undefined) this.#degraded += 1;
      this.#count(String(answer.statusCode));
      const complaint = complaintAbout(asked, answer.statusCode, text, String(degraded ?? ''));
      if (complaint !== undefined) this.#note(`${asked.path}: ${complaint}`);
    } catch (error) {
      if (leaving?.signal.aborted === true) this.#count('left');
      else this.#note(`${asked.path}: no answer: ${String(error)}`);
    } finally {
      clearTimeout(timer);
    }
  }

  #count(outcome: string): void {
    this.#answers[outcome] = (this.#answers[outcome] ?? 0) + 1;
  }

  #note(what: string): void {
    this.#wrongCount += 1;
    if (this.#wrong.length < rememberedWrongs) this.#wrong.push(what);
  }
}

interface Asked {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly headers: Record<string, string>;
  readonly body: string | undefined;
  readonly token: string;
}

function askOf(index: number, chance: number): Asked {
  if (chance < 0.2) {
    const token = `usr_${index % callers}`;
    return { method: 'GET', path: '/mine', headers: { 'x-test-caller': token }, body: undefined, token };
  }
  const token = `t${index}`;
  if (chance > 0.8) {
    const headers = { 'content-type': 'application/json' };
    return { method: 'POST', path: '/echo', headers, body: JSON.stringify({ token }), token };
  }
  return { method: 'GET', path: `/screen/${token}`, headers: {}, body: undefined, token };
}

const failures = new Set([502, 503, 504]);

/** What is wrong with an answer: it is another request's, or no answer the gateway may give. */
function complaintAbout(asked: Asked, status: number, text: string, degraded: string): string | undefined {
  const body = JSON.parse(text) as Readonly<Record<string, unknown>>;
  if (failures.has(status))
    return typeof body.code === 'string' ? undefined : `${status} without a code: ${text}`;
  if (status !== 200) return `status ${status}: ${text}`;
  const missing = degraded.split(', ');
  for (const [field, value] of Object.entries(body)) {
    const isRight = value === asked.token || (value === '' && missing.includes(field));
    if (!isRight) return `asked with ${asked.token}, got ${text}, degraded '${degraded}'`;
  }
  return Object.keys(body).length > 0 ? undefined : 'an empty answer';
}
