/**
 * Members of the sets of an outbox. They say when, so that nothing has to be read to know what is due.
 *
 * @module
 */

/** A delivery that waits. */
export interface Due {
  readonly dueMs: number;
  readonly createdMs: number;
  readonly event: string;
}

/** A delivery that is over. */
export type Logged = Omit<Due, 'dueMs'>;

/** A receiver that has deliveries waiting. */
export interface ReceiverName {
  readonly partner: string;
  readonly id: string;
}

/** @example dueMember({ dueMs: 20, createdMs: 10, event: 'evt_1' }); // => '20.10.evt_1' */
export function dueMember({ dueMs, createdMs, event }: Due): string {
  return `${dueMs}.${createdMs}.${event}`;
}

export function readDue(member: string): Due {
  const [dueMs = '', createdMs = '', event = ''] = member.split('.');
  return { dueMs: Number(dueMs), createdMs: Number(createdMs), event };
}

export function loggedMember({ createdMs, event }: Logged): string {
  return `${createdMs}.${event}`;
}

export function readLogged(member: string): Logged {
  const [createdMs = '', event = ''] = member.split('.');
  return { createdMs: Number(createdMs), event };
}

/** An order of its own for any two entries. */
export function newestFirst(one: Logged, other: Logged): number {
  return other.createdMs - one.createdMs || (one.event < other.event ? -1 : Number(one.event > other.event));
}

export function receiverMember({ partner, id }: ReceiverName): string {
  return `${encodeURIComponent(partner)}/${id}`;
}

export function readReceiverName(member: string): ReceiverName {
  const [partner = '', id = ''] = member.split('/');
  return { partner: decodeURIComponent(partner), id };
}
