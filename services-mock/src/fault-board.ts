/**
 * The faults that are set right now, per service. What each request meets is drawn from a stream that starts
 * anew whenever the faults of the service change: the same faults hit the same requests in every run.
 *
 * @module
 */
import { createRandom, type Random } from './data/random.ts';
import { SERVICE_NAMES, type ServiceName } from './directory.ts';
import { drawDelayMs } from './fault-latency.ts';
import { type Effect, type Fault, type FaultSpecs, parseFault, parseService } from './faults.ts';
import { recordOf } from './record-of.ts';

/** What happens to one request: a delay first, then perhaps something worse. */
export interface Misfortune {
  readonly delayMs: number;
  readonly effect: Exclude<Effect, { mode: 'latency' }> | undefined;
}

/** The specs of the faults of every service. */
export type FaultTable = Readonly<Record<ServiceName, readonly string[]>>;

/** Sets and clears faults while the services run. Wrong specs throw a `FaultError` and change nothing. */
export interface FaultControl {
  /** The faults of all eight services, an empty list where there is none. */
  readonly list: () => FaultTable;
  /** Replaces the faults of a service. */
  readonly set: (service: string, specs: string | readonly string[]) => void;
  /** Replaces the faults of the services named, and leaves the others. */
  readonly setAll: (specs: FaultSpecs) => void;
  /** Clears the faults of a service, or all. */
  readonly clear: (service?: string) => void;
}

/** Where faults are set, and where each request meets its own. */
export interface FaultBoard extends FaultControl {
  readonly draw: (service: ServiceName) => Misfortune;
}

interface Entry {
  readonly faults: readonly Fault[];
  readonly random: Random;
}

const SPARED: Misfortune = { delayMs: 0, effect: undefined };

/** Makes an empty board. */
export function createFaultBoard(seed: number): FaultBoard {
  const entries = new Map<ServiceName, Entry>();

  function setAll(specs: FaultSpecs): void {
    const parsed = Object.entries(specs).map(
      ([word, list]) => [parseService(word), list.map(parseFault)] as const,
    );
    for (const [service, faults] of parsed) {
      entries.set(service, { faults, random: createRandom(seed, `faults/${service}`) });
    }
  }

  function specsOf(service: ServiceName): readonly string[] {
    return entries.get(service)?.faults.map(({ spec }) => spec) ?? [];
  }

  return {
    list: () => recordOf(SERVICE_NAMES, specsOf),
    set: (service, specs) => setAll({ [service]: typeof specs === 'string' ? [specs] : specs }),
    setAll,
    clear: (service) => {
      for (const name of service === undefined ? SERVICE_NAMES : [parseService(service)])
        entries.delete(name);
    },
    draw: (service) => {
      const entry = entries.get(service);
      return entry === undefined ? SPARED : drawMisfortune(entry);
    },
  };
}

/** Delays add up; of the rest, the first that hits wins. Every fault draws, whether it can win or not. */
function drawMisfortune({ faults, random }: Entry): Misfortune {
  let { delayMs, effect } = SPARED;
  for (const fault of faults) {
    if (!random.chance(fault.rate)) continue;
    if (fault.effect.mode === 'latency') delayMs += drawDelayMs(fault.effect.latency, random);
    else effect ??= fault.effect;
  }
  return { delayMs, effect };
}
