/**
 * Who is here right now: members that come and go with every request. A `Set` would do, but V8 copies its
 * table every few additions, and each old table that reached the old generation keeps the next one, with all
 * it held, alive until a full collection: measured, a third of the garbage collector's work.
 *
 * @module
 */

/** The place of a member; it is needed to leave. */
export interface Seat<Member> {
  readonly member: Member;
  /** Position among the seats; -1 once it has left. */
  index: number;
}

/** Members in no particular order. Adding and removing take constant time. */
export class Roster<Member> {
  readonly #seats: Seat<Member>[] = [];

  get size(): number {
    return this.#seats.length;
  }

  add(member: Member): Seat<Member> {
    const seat = { member, index: this.#seats.length };
    this.#seats.push(seat);
    return seat;
  }

  /** Harmless for one who has left. */
  remove(seat: Seat<Member>): void {
    const { index } = seat;
    if (index < 0) return;
    seat.index = -1;
    const last = this.#seats.pop() as Seat<Member>;
    if (last === seat) return;
    last.index = index;
    this.#seats[index] = last;
  }

  /** Those who are here now; who comes or leaves meanwhile changes nothing. */
  members(): Member[] {
    return this.#seats.map(({ member }) => member);
  }
}
