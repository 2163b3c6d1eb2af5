/**
 * Whether everything one side may send is something the other side accepts. One relation for both
 * directions: an answer goes from the service to the BFF, a request the other way.
 *
 * @module
 */
import {
  type Alternative,
  alternativesOf,
  describe,
  followed,
  type ObjectAlternative,
  type Part,
} from './json-schema.ts';

/**
 * `answer`: a field that is read must be documented, other fields are ignored, and whatever the service
 * may say must be understood. `request`: what the service does not know is refused where it says so; text
 * may go where it lists values, a number where it wants an integer, because inputs narrow them first.
 */
export type Direction = 'answer' | 'request';

/** One place where the two sides disagree. */
export interface Misfit {
  /** Such as `items[].total`; empty for the whole. */
  readonly path: string;
  readonly sent: string;
  readonly accepted: string;
}

/** Says what `receiver` does not accept of what `sender` may send. */
export function misfits(sender: Part, receiver: Part, direction: Direction): Misfit[] {
  return compare(sender, receiver, { direction, path: '', under: [] });
}

interface Place {
  readonly direction: Direction;
  readonly path: string;
  /** The pairs of schemas above this place, because schemas may contain themselves. */
  readonly under: readonly (readonly [unknown, unknown])[];
}

function compare(senderPart: Part, receiverPart: Part, place: Place): Misfit[] {
  const [sender, receiver] = [followed(senderPart), followed(receiverPart)];
  if (place.under.some(([one, other]) => one === sender.schema && other === receiver.schema)) return [];
  const inner: Place = { ...place, under: [...place.under, [sender.schema, receiver.schema]] };
  const accepted = alternativesOf(receiver);
  const whole: Misfit = { path: place.path, sent: describe(sender), accepted: describe(receiver) };
  const found = alternativesOf(sender).flatMap((sent) => {
    const attempts = accepted.flatMap((candidate) => {
      const faults = compareAlternatives(sent, candidate, inner);
      return faults === undefined ? [] : [faults];
    });
    return attempts.toSorted((one, other) => one.length - other.length)[0] ?? [whole];
  });
  return [...new Map(found.map((misfit) => [JSON.stringify(misfit), misfit])).values()];
}

/** Nothing when the two are of different kinds; else where they differ inside. */
function compareAlternatives(sent: Alternative, accepted: Alternative, place: Place): Misfit[] | undefined {
  if (accepted.kind === 'anything') return [];
  if (sent.kind === 'array' && accepted.kind === 'array') {
    return compare(sent.items, accepted.items, { ...place, path: `${place.path}[]` });
  }
  if (sent.kind === 'object' && accepted.kind === 'object') return compareObjects(sent, accepted, place);
  return isScalar(sent) && isScalar(accepted) && scalarFits(sent, accepted, place.direction) ? [] : undefined;
}

type Scalar = Extract<Alternative, { readonly values?: readonly unknown[] }>;

function isScalar(alternative: Alternative): alternative is Scalar {
  return !['anything', 'array', 'object'].includes(alternative.kind);
}

function scalarFits(sent: Scalar, accepted: Scalar, direction: Direction): boolean {
  if (sent.values !== undefined && accepted.values !== undefined) {
    return sent.kind === accepted.kind && sent.values.every((value) => accepted.values?.includes(value));
  }
  if (sent.values !== undefined && accepted.kind === 'integer') return sent.values.every(Number.isInteger);
  const sameKind = sent.kind === accepted.kind || (sent.kind === 'integer' && accepted.kind === 'number');
  if (direction === 'answer') return sameKind && accepted.values === undefined;
  return sameKind || (sent.kind === 'number' && accepted.kind === 'integer');
}

function compareObjects(sent: ObjectAlternative, accepted: ObjectAlternative, place: Place): Misfit[] {
  const at = (name: string): Place => ({
    ...place,
    path: place.path === '' ? name : `${place.path}.${name}`,
  });
  const known = Object.entries(accepted.properties).flatMap(([name, property]) =>
    compareProperty({ sent, accepted, name, property, place: at(name) }),
  );
  const unknown = Object.entries(sent.properties).filter(
    ([name]) => !Object.hasOwn(accepted.properties, name),
  );
  const { rest } = accepted;
  if (typeof rest === 'object') {
    return [...known, ...unknown.flatMap(([name, property]) => compare(property, rest, at(name)))];
  }
  if (rest === 'any' || place.direction === 'answer') return known;
  const refused = unknown.map(([name, property]): Misfit => {
    return { path: at(name).path, sent: describe(property), accepted: 'not documented' };
  });
  return [...known, ...refused];
}

interface Property {
  readonly sent: ObjectAlternative;
  readonly accepted: ObjectAlternative;
  readonly name: string;
  readonly property: Part;
  readonly place: Place;
}

function compareProperty({ sent, accepted, name, property, place }: Property): Misfit[] {
  const isRequired = accepted.required.includes(name);
  const source = Object.hasOwn(sent.properties, name) ? sent.properties[name] : undefined;
  if (source === undefined) {
    const mustBeThere = isRequired || place.direction === 'answer';
    const missing = place.direction === 'answer' ? 'not documented' : 'never sent';
    return mustBeThere ? [{ path: place.path, sent: missing, accepted: describe(property) }] : [];
  }
  const differences = compare(source, property, place);
  if (!isRequired || sent.required.includes(name)) return differences;
  const sometimes = {
    path: place.path,
    sent: `${describe(source)}, not always`,
    accepted: `${describe(property)}, always`,
  };
  return [sometimes, ...differences];
}
