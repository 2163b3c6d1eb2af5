/**
 * What can be found, as a small JSON file: sections of guides, operations, their fields, and codes of errors. The
 * script of the page ranks; nothing is asked of anybody.
 *
 * @module
 */
import type { PossibleProblem } from './error-table.ts';
import type { Field } from './fields.ts';
import { fieldOf, fieldsOf } from './fields.ts';
import type { Guide } from './guides.ts';
import type { RenderedGuide } from './markdown.ts';
import { groupTitle, type ShownOperation } from './reference.ts';
import type { Portal } from './shell.ts';
import { slugOf } from './slug.ts';

/** Kind, title, where it stands, address, further words. Short names: there are hundreds. */
export type Entry = readonly [
  kind: 'guide' | 'operation' | 'field' | 'error' | 'version',
  title: string,
  place: string,
  address: string,
  text: string,
];

const maxText = 400;
const maxEntries = 5_000;

/** Of the newest version; older ones differ in fields only. */
export function searchEntries(
  { links, versions }: Portal,
  guides: readonly (readonly [Guide, RenderedGuide])[],
  problems: readonly PossibleProblem[],
): Entry[] {
  const [newest] = versions;
  const { schemas } = newest.document.components;
  const ofGuides = guides.flatMap(([guide, { sections }]) =>
    sections.map(({ heading, text }): Entry => {
      const address = links.guide(guide.name) + (heading === undefined ? '' : `#${heading.id}`);
      const body = heading === undefined ? `${guide.lead} ${text}` : text;
      return [
        'guide',
        heading?.text ?? guide.title,
        heading === undefined ? 'Guide' : guide.title,
        address,
        cut(body),
      ];
    }),
  );
  const ofOperations = newest.operations.flatMap((shown): Entry[] => {
    const address = links.operation(newest.name, shown.id);
    const name = `${shown.method} ${shown.path}`;
    return [
      ['operation', name, groupTitle(shown.group), address, cut(`${shown.operation.summary} ${shown.id}`)],
      ...placedFields(shown, schemas).map(
        ([id, path, field]): Entry => ['field', path, name, `${address}#${id}`, cut(field.description ?? '')],
      ),
    ];
  });
  const ofProblems = problems.map(
    ({ code, status, title }): Entry => ['error', code, `${status}`, links.error(code), title],
  );
  const ofVersions = versions.flatMap(({ name, day, description }): Entry[] =>
    day === undefined
      ? []
      : [
          [
            'version',
            name,
            'Changelog',
            `${links.changelog}#${name}`,
            cut((description?.changes ?? []).map(({ summary }) => summary).join(' ')),
          ],
        ],
  );
  return [...ofGuides, ...ofOperations, ...ofProblems, ...ofVersions].slice(0, maxEntries);
}

type Placed = readonly [id: string, path: string, field: Field];

/** The fields of an operation, by the names of their places in its page. */
function placedFields({ operation }: ShownOperation, schemas: Parameters<typeof fieldsOf>[1]): Placed[] {
  const ofParameters = (operation.parameters ?? []).map(
    ({ name, required, schema, description, in: place }): Placed => {
      const field = fieldOf(
        { name, required, schema: description === undefined ? schema : { ...schema, description } },
        schemas,
      );
      return [`${place}-${slugOf(name)}`, name, field];
    },
  );
  const body = operation.requestBody?.content['application/json']?.schema;
  const ofAnswers = Object.entries(operation.responses)
    .filter(([status]) => status.startsWith('2'))
    .flatMap(([status, { content }]) => {
      const schema = content?.['application/json']?.schema;
      return schema === undefined ? [] : within(fieldsOf(schema, schemas), `answer-${status}`, '');
    });
  return [
    ...ofParameters,
    ...(body === undefined ? [] : within(fieldsOf(body, schemas), 'body', '')),
    ...ofAnswers,
  ];
}

function within(fields: readonly Field[], place: string, path: string): Placed[] {
  return fields.flatMap((field) => {
    const id = `${place}-${slugOf(field.name)}`;
    const own = path === '' ? field.name : `${path}.${field.name}`;
    return [[id, own, field], ...within(field.fields, id, own)] as Placed[];
  });
}

function cut(text: string): string {
  const line = text.replaceAll(/[\s`]+/g, ' ').trim();
  return line.length <= maxText ? line : `${line.slice(0, maxText)}…`;
}
