/**
 * What happened, as a line of the time line.
 *
 * @module
 */
import type { Happened } from './observations.ts';
import { causeField } from './request-line.ts';
import type { HappenedLine } from './wire.ts';

export function happenedLine({ atMs, what }: Happened): HappenedLine {
  switch (what.kind) {
    case 'breaker': {
      const subject = what.operation === undefined ? what.upstream : `${what.upstream}.${what.operation}`;
      const isBad = what.to === 'open' || what.to === 'isolated';
      return { atMs, kind: what.kind, subject, change: `${what.from} → ${what.to}`, isBad };
    }
    case 'target': {
      const isBad = what.change === 'ejected' || what.change === 'unhealthy';
      return {
        atMs,
        kind: what.kind,
        subject: what.upstream,
        change: `${what.origin} ${what.change}`,
        isBad,
      };
    }
    case 'switch':
      return {
        atMs,
        kind: what.kind,
        subject: what.operation,
        change: what.on ? 'switched on' : 'switched off',
        isBad: !what.on,
      };
    case 'limitStore': {
      const change = what.state === 'up' ? 'answers again' : `${what.state}; ${what.standIn} decides`;
      return { atMs, kind: what.kind, subject: 'store of the limits', change, isBad: what.state !== 'up' };
    }
    case 'problem':
      return {
        atMs,
        kind: what.kind,
        subject: what.part,
        change: causeField(what.error).cause ?? '',
        isBad: true,
      };
  }
}
