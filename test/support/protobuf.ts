/**
 * Enough of the protobuf wire format to read a message whose field numbers are known. It shares no code with what
 * writes them.
 *
 * @see {@link https://protobuf.dev/programming-guides/encoding/ Protocol buffers}, encoding
 * @module
 */

type Value = bigint | Buffer;

/** A message as its fields, by number, in order. */
export class Message {
  readonly #fields = new Map<number, Value[]>();

  constructor(bytes: Buffer) {
    let at = 0;
    const varint = (): bigint => {
      let value = 0n;
      for (let shift = 0n; ; shift += 7n) {
        const byte = bytes.readUInt8(at);
        at += 1;
        value |= BigInt(byte & 0x7f) << shift;
        if (byte < 0x80) return value;
      }
    };
    const take = (length: number): Buffer => {
      if (at + length > bytes.length) throw new RangeError('the message ends within a field');
      at += length;
      return bytes.subarray(at - length, at);
    };
    while (at < bytes.length) {
      const tag = Number(varint());
      const values = this.#fields.get(tag >> 3) ?? [];
      this.#fields.set(tag >> 3, values);
      const wire = tag & 7;
      if (wire === 0) values.push(varint());
      else if (wire === 1) values.push(take(8).readBigUInt64LE());
      else if (wire === 2) values.push(take(Number(varint())));
      else if (wire === 5) values.push(BigInt(take(4).readUInt32LE()));
      else throw new RangeError(`no wire type ${wire}`);
    }
  }

  has(field: number): boolean {
    return this.#fields.has(field);
  }

  /** 0 when it is not there. */
  number(field: number): bigint {
    const value = this.#fields.get(field)?.at(-1) ?? 0n;
    if (typeof value !== 'bigint') throw new TypeError(`field ${field} is not a number`);
    return value;
  }

  /** Empty when it is not there. */
  bytes(field: number): Buffer {
    return this.#all(field).at(-1) ?? Buffer.alloc(0);
  }

  text(field: number): string {
    return this.bytes(field).toString('utf8');
  }

  messages(field: number): Message[] {
    return this.#all(field).map((bytes) => new Message(bytes));
  }

  #all(field: number): Buffer[] {
    return (this.#fields.get(field) ?? []).map((value) => {
      if (typeof value === 'bigint') throw new TypeError(`field ${field} is a number`);
      return value;
    });
  }
}
