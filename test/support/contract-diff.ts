/**
 * What a BFF declares of a service, held against the service's OpenAPI document. Reports every place
 * where a call could be refused or an answer not be understood, and nothing that no one reads.
 *
 * @module
 */
import { z } from 'zod';
import { type Contract, idOf } from './contract.ts';
import { describe, type JsonSchema, type Part } from './json-schema.ts';
import { maskSchema } from './mask-schema.ts';
import {
  type DocumentedOperation,
  findOperation,
  type OpenApiDocument,
  type OpenApiParameter,
} from './open-api.ts';
import { misfits } from './schema-fit.ts';

/** One place where the BFF and the document disagree. */
export interface ContractDifference {
  /** Such as `orders.list`. */
  readonly operation: string;
  /** Such as `answer items[].total` or `query customer`. */
  readonly field: string;
  /** What the BFF sends or reads. */
  readonly ours: string;
  /** What the document says. */
  readonly theirs: string;
}

/** Headers OpenAPI has no parameters for. */
const undescribed = ['accept', 'content-type', 'authorization'];

/** Compares one operation, narrowed to its mask, with the document of its service. */
export function contractDifferences(contract: Contract, document: OpenApiDocument): ContractDifference[] {
  const operation = idOf(contract);
  const documented = findOperation(document, contract.method, contract.path);
  const found =
    documented === undefined
      ? [{ field: `${contract.method} ${contract.path}`, ours: 'called', theirs: 'not documented' }]
      : [queryFaults, headerFaults, bodyFaults, statusFaults, answerFaults].flatMap((check) =>
          check({ contract, documented, document }),
        );
  return found.map((fault) => ({ operation, ...fault }));
}

/** One line for people: which BFF, which operation, which field, and both types. */
export function describeDifference(bff: string, difference: ContractDifference): string {
  const { operation, field, ours, theirs } = difference;
  return `${bff} ${operation}: ${field}: ours is ${ours}, the document says ${theirs}`;
}

interface Pair {
  readonly contract: Contract;
  readonly documented: DocumentedOperation;
  readonly document: OpenApiDocument;
}

type Fault = Omit<ContractDifference, 'operation'>;

function queryFaults({ contract, documented, document }: Pair): Fault[] {
  const ours = partOf(contract.query ?? z.object({}));
  const { properties = {}, required = [] } = ours.schema;
  const parameters = documented.parameters.filter((parameter) => parameter.in === 'query');
  const sent = Object.entries(properties).flatMap(([name, schema]) => {
    const field = `query ${name}`;
    const type = describe({ schema, root: ours.root });
    const parameter = parameters.find((candidate) => candidate.name === name);
    if (parameter === undefined) return [{ field, ours: type, theirs: 'not documented' }];
    const theirs: Part = { schema: parameter.schema ?? {}, root: document };
    return [
      ...fitFaults(field, misfits({ schema, root: ours.root }, theirs, 'request'), 'request'),
      ...(type.startsWith('array') ? listFaults(field, parameter) : []),
      ...(parameter.required === true && !required.includes(name)
        ? [{ field, ours: `${type}, not always`, theirs: `${describe(theirs)}, always` }]
        : []),
    ];
  });
  const missing = parameters
    .filter((parameter) => parameter.required === true && !Object.hasOwn(properties, parameter.name))
    .map(({ name }) => ({ field: `query ${name}`, ours: 'never sent', theirs: 'required' }));
  return [...sent, ...missing];
}

/** Lists go out as `ids=a,b`, which is `style: form` without `explode`. */
function listFaults(
  field: string,
  { style = 'form', explode = style === 'form' }: OpenApiParameter,
): Fault[] {
  if (style === 'form' && !explode) return [];
  return [{ field, ours: 'style form, explode false', theirs: `style ${style}, explode ${explode}` }];
}

function headerFaults({ contract, documented }: Pair): Fault[] {
  const headers = documented.parameters.filter((parameter) => parameter.in === 'header');
  const names = headers.map(({ name }) => name.toLowerCase());
  const forwarded = contract.forwardRequestHeaders.filter((name) => !undescribed.includes(name));
  const unknown = forwarded.filter((name) => !names.includes(name));
  const missing = headers.filter(
    ({ name, required }) => required === true && !contract.forwardRequestHeaders.includes(name.toLowerCase()),
  );
  return [
    ...unknown.map((name) => ({ field: `header ${name}`, ours: 'forwarded', theirs: 'not documented' })),
    ...missing.map(({ name }) => ({
      field: `header ${name.toLowerCase()}`,
      ours: 'never sent',
      theirs: 'required',
    })),
  ];
}

function bodyFaults({ contract, documented: { body }, document }: Pair): Fault[] {
  if (contract.body === undefined) {
    return body?.required === true ? [{ field: 'body', ours: 'never sent', theirs: 'required' }] : [];
  }
  const ours = partOf(contract.body);
  if (body?.schema === undefined) return [{ field: 'body', ours: describe(ours), theirs: 'not documented' }];
  return fitFaults('body', misfits(ours, { schema: body.schema, root: document }, 'request'), 'request');
}

function statusFaults({ contract, documented: { answers } }: Pair): Fault[] {
  return contract.passes
    .filter((status) => ![String(status), '4XX', 'default'].some((known) => Object.hasOwn(answers, known)))
    .map((status) => ({ field: `status ${status}`, ours: 'passed on', theirs: 'not documented' }));
}

function answerFaults({ contract, documented, document }: Pair): Fault[] {
  if (contract.response === undefined) return [];
  const whole = partOf(contract.response);
  const ours: Part = { schema: maskSchema(whole, contract.mask), root: whole.root };
  const answers = Object.entries(documented.answers).filter(([status]) => /^2(?:\d\d|XX)$/.test(status));
  if (answers.length === 0) return [{ field: 'answer', ours: describe(ours), theirs: 'not documented' }];
  return answers.flatMap(([status, schema]) => {
    if (schema === undefined)
      return [{ field: 'answer', ours: describe(ours), theirs: `${status} without JSON` }];
    return fitFaults('answer', misfits({ schema, root: document }, ours, 'answer'), 'answer');
  });
}

function fitFaults(
  place: string,
  found: ReturnType<typeof misfits>,
  direction: 'request' | 'answer',
): Fault[] {
  return found.map(({ path, sent, accepted }) => ({
    field: path === '' || path.startsWith('[') ? `${place}${path}` : `${place} ${path}`,
    ours: direction === 'request' ? sent : accepted,
    theirs: direction === 'request' ? accepted : sent,
  }));
}

function partOf(schema: NonNullable<Contract['response']>): Part {
  const json = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }) as JsonSchema;
  return { schema: json, root: json };
}
