/**
 * The workers of one primary: started, watched, replaced when they die, and sent home together. The primary
 * accepts the connections and hands them round in turn (`SCHED_RR`): left to the system, most would go to one
 * worker, and those that wait at a worker's own door would be lost when it leaves.
 *
 * @see {@link https://nodejs.org/api/cluster.html#how-it-works Node, cluster}
 * @module
 */
import cluster, { type Worker } from 'node:cluster';
import { randomBytes } from 'node:crypto';
import type { ProcessKeys } from '../../bff.ts';
import { type CancelTimer, systemClock } from '../../context/clock.ts';
import type { Logger } from '../../telemetry/logger.ts';
import { until } from '../waiting.ts';
import { type AskWorker, askWorker } from './ask-worker.ts';
import {
  type Envelope,
  type Failure,
  messageIn,
  slotVariable,
  type ToPrimary,
  type ToWorker,
} from './messages.ts';

export interface CrewOptions {
  readonly name: string;
  readonly count: number;
  readonly port: number;
  readonly logger: Logger;
  /** How long workers may take to leave before they are ended, in milliseconds. */
  readonly leaveMs: number;
  /** Names people for operators. Default: a random one. */
  readonly pseudonymKey: string | undefined;
  /** Operations that are switched off: a new worker begins with them off, too. */
  readonly off: ReadonlySet<string>;
  /** Hears that the worker at a place is gone. */
  onGone(slot: number): void;
  /** Hears, once they served, that they die faster than is worth replacing them. */
  onLost(error: Error): void;
}

/** `starting` until it listens; `leaving` when its own program closes it; `gone` until it is replaced. */
export type SeatState = 'starting' | 'listening' | 'leaving' | 'gone';

/** The place of one worker. */
export interface Seat {
  readonly slot: number;
  readonly state: SeatState;
  readonly pid: number | undefined;
  readonly bridge: AskWorker;
  /** Whether it takes requests of the admin port. */
  readonly isTalking: boolean;
}

interface Place extends Seat {
  state: SeatState;
  pid: number | undefined;
  bridge: AskWorker;
  isTalking: boolean;
  worker: Worker | undefined;
  failure: Failure | undefined;
  /** What it said when it left. */
  aborted: number | undefined;
  retry: CancelTimer | undefined;
}

const maxDeaths = 5;
const deathsWithinMs = 60_000;
const firstDelayMs = 100;
const lastWordMs = 2_000;

export class Crew {
  readonly #options: CrewOptions;
  readonly #places: readonly Place[];
  readonly #ready = Promise.withResolvers<string>();
  readonly #keys: ProcessKeys;
  #adminUrl = '';
  #deathsMs: number[] = [];
  #deaths = 0;
  /** Where they listen; a free port is chosen once. */
  #port: number;
  #boundPort = 0;
  #hasServed = false;
  #isLeaving = false;
  #lost = 0;

  constructor(options: CrewOptions) {
    this.#options = options;
    this.#port = options.port;
    this.#keys = { cursor: randomKey(), pseudonym: options.pseudonymKey ?? randomKey() };
    this.#places = Array.from({ length: options.count }, (_, index) => ({
      slot: index + 1,
      state: 'gone',
      pid: undefined,
      bridge: askWorker(() => {}),
      isTalking: false,
      worker: undefined,
      failure: undefined,
      aborted: undefined,
      retry: undefined,
    }));
  }

  get seats(): readonly Seat[] {
    return this.#places;
  }

  /** Workers that died since the start. */
  get deaths(): number {
    return this.#deaths;
  }

  /** Whether all of them listen. */
  get isReady(): boolean {
    return this.#places.every(({ state }) => state === 'listening');
  }

  /**
   * Starts all workers; resolves to the URL when they all listen.
   *
   * @throws {Error} when one says why it cannot, or five die within a minute.
   */
  start(adminUrl: string): Promise<string> {
    this.#adminUrl = adminUrl;
    cluster.schedulingPolicy = cluster.SCHED_RR;
    cluster.setupPrimary({ serialization: 'advanced' });
    for (const place of this.#places) this.#fill(place);
    return this.#ready.promise;
  }

  /** Drains all workers. Resolves to the number of requests that had to be aborted. */
  async leave(): Promise<number> {
    this.#isLeaving = true;
    for (const place of this.#places) {
      place.retry?.();
      if (place.state === 'starting') place.worker?.process.kill('SIGKILL');
      else tell(place.worker, { kind: 'leave' });
    }
    const areGone = (): boolean => this.#places.every(({ worker }) => worker === undefined);
    await until(areGone, this.#options.leaveMs);
    this.end();
    await until(areGone, lastWordMs);
    return this.#places.reduce((sum, { aborted = 0 }) => sum + aborted, this.#lost);
  }

  /** Ends all workers at once. */
  end(): void {
    this.#isLeaving = true;
    for (const { worker, retry } of this.#places) {
      retry?.();
      worker?.process.kill('SIGKILL');
    }
  }

  #fill(place: Place): void {
    const worker = cluster.fork({ [slotVariable]: String(place.slot) });
    Object.assign(place, {
      worker,
      pid: worker.process.pid,
      state: 'starting',
      failure: undefined,
      aborted: undefined,
      retry: undefined,
    });
    place.bridge = askWorker((message) => tell(worker, message));
    worker.on('message', (received: unknown) => this.#hear(place, messageIn<ToPrimary>(received)));
    worker.once('exit', (code, signal) => this.#miss(place, signal ?? `code ${code}`));
    worker.on('error', (error) => {
      if (place.pid === undefined && place.worker === worker) this.#miss(place, error.message); // never ran
    });
  }

  #hear(place: Place, message: ToPrimary | undefined): void {
    if (message === undefined) return; // somebody else's
    switch (message.kind) {
      case 'hello':
        this.#greet(place);
        break;
      case 'listening':
        this.#seat(place, message.url);
        break;
      case 'failed':
        place.failure = message;
        break;
      case 'leaving':
        place.state = 'leaving';
        break;
      case 'left':
        place.aborted = message.aborted;
        break;
      case 'head':
      case 'chunk':
      case 'end':
        place.bridge.receive(message);
    }
  }

  #greet(place: Place): void {
    const { slot } = place;
    const [adminUrl, keys] = [this.#adminUrl, this.#keys];
    const off = [...this.#options.off];
    tell(place.worker, { kind: 'start', slot, port: this.#port, adminUrl, keys, off });
    place.isTalking = true;
  }

  #seat(place: Place, url: string): void {
    if (place.state === 'starting') place.state = 'listening';
    this.#boundPort = Number(new URL(url).port);
    this.#options.logger.info({ worker: place.slot, pid: place.pid }, 'worker listening');
    if (!this.isReady) return;
    this.#hasServed = true;
    this.#ready.resolve(url);
  }

  #miss(place: Place, how: string): void {
    const { state, pid, failure } = place;
    place.worker = undefined;
    place.pid = undefined;
    place.state = 'gone';
    place.isTalking = false;
    place.bridge.end();
    this.#options.onGone(place.slot);
    // The address that all workers share is known by what they asked for, and ends with the last of them.
    if (this.#places.every((other) => other.state !== 'listening')) this.#port ||= this.#boundPort;
    if (this.#isLeaving) {
      if (state === 'listening' && place.aborted === undefined) this.#lost += 1; // nobody knows how many
      return;
    }
    if (state === 'leaving') return;
    this.#deaths += 1;
    const reason = failure === undefined ? {} : { reason: failure.reason };
    this.#options.logger.error({ worker: place.slot, pid, exit: how, ...reason }, 'worker died');
    this.#replace(place, how, failure);
  }

  #replace(place: Place, how: string, failure: Failure | undefined): void {
    const nowMs = systemClock.monotonicMs();
    this.#deathsMs = [...this.#deathsMs.filter((ms) => nowMs - ms < deathsWithinMs), nowMs];
    if (failure !== undefined && !this.#hasServed) {
      // What is wrong with the configuration is wrong again a moment later.
      this.#giveUp(failure.isOurs ? new RangeError(failure.reason) : new Error(failure.reason));
    } else if (this.#deathsMs.length >= maxDeaths) {
      const why = failure === undefined ? how : `${how}: ${failure.reason}`;
      this.#giveUp(
        new Error(
          `workers of ${this.#options.name} died ${maxDeaths} times within a minute, the last with ${why}`,
        ),
      );
    } else {
      const delayMs = firstDelayMs * 2 ** (this.#deathsMs.length - 1);
      place.retry = systemClock.after(delayMs, () => this.#fill(place));
    }
  }

  #giveUp(error: Error): void {
    if (this.#hasServed) this.#options.onLost(error);
    else this.#ready.reject(error);
  }
}

function randomKey(): string {
  return randomBytes(32).toString('base64');
}

function tell(worker: Worker | undefined, message: ToWorker): void {
  const envelope: Envelope<ToWorker> = { bffkit: message };
  if (worker?.isConnected()) worker.send(envelope, () => {}); // a worker that is gone is missed, not told
}
