/**
 * The machine: what it is, whether processes can be pinned, how busy its cores were.
 *
 * @module
 */
import { spawnSync } from 'node:child_process';
import { availableParallelism, cpus } from 'node:os';

/** Which core has which part; `undefined` where nothing can be pinned. */
export interface Cores {
  readonly gateway: number | undefined;
  /** Shared by the load generator and the upstream. */
  readonly load: number | undefined;
}

export interface MachineFacts {
  readonly cpu: string;
  readonly cores: number;
  readonly node: string;
  readonly pinned: boolean;
}

/** Core 1 for the gateway, core 0 for the rest, if there are two and `taskset` may use them. */
export function chooseCores(): Cores {
  const canPin = availableParallelism() >= 2 && canPinTo(0) && canPinTo(1);
  return canPin ? { gateway: 1, load: 0 } : { gateway: undefined, load: undefined };
}

export function machineFacts(cores: Cores): MachineFacts {
  return {
    cpu: cpus()[0]?.model ?? 'unknown',
    cores: availableParallelism(),
    node: process.version,
    pinned: cores.gateway !== undefined,
  };
}

/** Busy milliseconds of both cores since boot, whoever used them; 0 when nothing is pinned. */
export function busyMs(cores: Cores): Readonly<Record<keyof Cores, number>> {
  const facts = cpus();
  const busy = (core: number | undefined): number => {
    const times = core === undefined ? undefined : facts[core]?.times;
    return times === undefined ? 0 : times.user + times.nice + times.sys + times.irq;
  };
  return { gateway: busy(cores.gateway), load: busy(cores.load) };
}

/** The command that runs `command` on a core; `undefined` leaves the choice to the system. */
export function onCore(core: number | undefined, command: readonly string[]): readonly string[] {
  return core === undefined ? command : ['taskset', '-c', String(core), ...command];
}

function canPinTo(core: number): boolean {
  const [command = '', ...args] = onCore(core, ['true']);
  return spawnSync(command, args).status === 0;
}
