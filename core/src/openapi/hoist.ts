/**
 * Responses that many operations have, written once: a document for people to review is a third shorter, and what
 * changed for all of them is one line.
 *
 * @module
 */
import type { OpenApiDocument, OpenApiOperation, OpenApiResponse, Reference } from './document.ts';

const start = '#/components/responses/';

/** A document whose repeated responses are components. */
export interface HoistedDocument extends Omit<OpenApiDocument, 'paths' | 'components'> {
  readonly paths: Readonly<Record<string, Readonly<Record<string, HoistedOperation>>>>;
  readonly components: OpenApiDocument['components'] & {
    readonly responses: Readonly<Record<string, OpenApiResponse>>;
  };
}

export interface HoistedOperation extends Omit<OpenApiOperation, 'responses'> {
  readonly responses: Readonly<Record<string, OpenApiResponse | Reference>>;
}

/** Moves each response that appears more than once to the components; called after its status. */
export function hoisted(document: OpenApiDocument): HoistedDocument {
  const operations = Object.values(document.paths).flatMap((item) => Object.values(item));
  const all = operations.flatMap(({ responses }) => Object.entries(responses).map(keyOf));
  const repeated = [...new Set(all.filter((key, index) => all.indexOf(key) < index))].sort();
  const names = new Map<string, string>();
  const responses: Record<string, OpenApiResponse> = {};
  for (const key of repeated) {
    const [status, response] = JSON.parse(key) as [string, OpenApiResponse];
    let name = status;
    for (let number = 2; Object.hasOwn(responses, name); number += 1) name = `${status}-${number}`;
    names.set(key, name);
    responses[name] = response;
  }
  return {
    ...document,
    paths: mapOperations(document.paths, (operation) => ({
      ...operation,
      responses: mapEntries(operation.responses, (status, response) => {
        const name = names.get(keyOf([status, response]));
        return name === undefined ? response : { $ref: start + name };
      }),
    })),
    components: { ...document.components, responses },
  };
}

/** The document as it was before. */
export function lowered({
  components: { responses, ...components },
  ...document
}: HoistedDocument): OpenApiDocument {
  const lower = (response: OpenApiResponse | Reference): OpenApiResponse =>
    '$ref' in response ? (responses[response.$ref.slice(start.length)] ?? { description: '' }) : response;
  return {
    ...document,
    paths: mapOperations(document.paths, (operation) => ({
      ...operation,
      responses: mapEntries(operation.responses, (_, response) => lower(response)),
    })),
    components,
  };
}

function keyOf(entry: readonly [string, OpenApiResponse]): string {
  return JSON.stringify(entry);
}

function mapEntries<From, To>(
  record: Readonly<Record<string, From>>,
  map: (name: string, value: From) => To,
): Record<string, To> {
  return Object.fromEntries(Object.entries(record).map(([name, value]) => [name, map(name, value)]));
}

function mapOperations<From, To>(
  paths: Readonly<Record<string, Readonly<Record<string, From>>>>,
  map: (operation: From) => To,
): Record<string, Record<string, To>> {
  return mapEntries(paths, (_path, item) => mapEntries(item, (_method, operation) => map(operation)));
}
