/**
 * Every code that an API can answer with: what it means and what to do, each with a place of its own that problems
 * can link to.
 *
 * @module
 */
import { type ProblemCode, problemCodes } from '../problem/codes.ts';
import { type HtmlValue, html, type SafeHtml } from '../ssr/html.ts';
import { adviceFor } from './advice.ts';
import type { Links } from './links.ts';
import { renderInline } from './markdown.ts';
import type { ShownVersion } from './reference.ts';

/** What is refused before an endpoint is found, by every BFF. */
const ofTheEdge: readonly ProblemCode[] = [
  'bad-request-header',
  'bad-request-target',
  'headers-too-large',
  'method-not-allowed',
  'misdirected-request',
  'not-found',
  'uri-too-long',
];
const ofVersions: readonly ProblemCode[] = ['unknown-version', 'version-brownout', 'version-sunset'];

/** A code of more operations is one of nearly all. */
const maxNamed = 4;

export interface PossibleProblem {
  readonly code: ProblemCode;
  readonly status: number;
  readonly title: string;
  /** Markdown. */
  readonly advice: string;
  /** The operations of the newest version that name it, where they are few. */
  readonly operations: readonly { readonly id: string; readonly name: string }[];
}

/** The codes of all documents, by status. */
export function possibleProblems(versions: readonly ShownVersion[]): PossibleProblem[] {
  const [newest] = versions;
  const codes = new Set<string>([
    ...ofTheEdge,
    ...(newest?.day === undefined ? [] : ofVersions),
    ...versions.flatMap(({ operations }) => operations.flatMap(codesOf)),
  ]);
  return [...codes]
    .filter((code): code is ProblemCode => Object.hasOwn(problemCodes, code))
    .map((code) => {
      const users = newest?.operations.filter((each) => codesOf(each).includes(code)) ?? [];
      return {
        code,
        ...problemCodes[code],
        advice: adviceFor(code),
        operations:
          users.length > maxNamed
            ? []
            : users.map(({ id, method, path }) => ({ id, name: `${method} ${path}` })),
      };
    })
    .sort((one, other) => one.status - other.status || (one.code < other.code ? -1 : 1));
}

function codesOf({ operation }: ShownVersion['operations'][number]): readonly string[] {
  return Object.values(operation.responses).flatMap((response) => response['x-codes'] ?? []);
}

/** The table, grouped by status. */
export function errorTable(problems: readonly PossibleProblem[], links: Links, version: string): SafeHtml {
  const groups = Map.groupBy(problems, ({ status }) => `${Math.floor(status / 100)}xx`);
  const rows = (list: readonly PossibleProblem[]): HtmlValue =>
    list.map(
      ({ code, status, title, advice, operations }) => html`<div class="error" id="${code}">
<h3><span class="status s-${Math.floor(status / 100)}">${status}</span> <code>${code}</code> <a class="anchor" href="#${code}" aria-label="Link to ${code}">#</a></h3>
<p class="error-title">${title}.</p><p>${renderInline(advice)}</p>${
        operations.length > 0 &&
        html`<p class="error-at">${operations.map(({ id, name }, index) => [index > 0 && ' · ', html`<a href="${links.operation(version, id)}">${name}</a>`])}</p>`
      }</div>`,
    );
  return html`<div class="errors">${[...groups.values()].map(rows)}</div>`;
}
