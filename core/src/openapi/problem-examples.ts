/**
 * One example per problem, as the gateway writes it, in the form of a version.
 *
 * @module
 */
import type { ProblemCode } from '../problem/codes.ts';
import { GatewayError, type GatewayErrorOptions } from '../problem/gateway-error.ts';
import { problemDocument } from '../problem/problem.ts';
import type { VersionDescription } from '../versions/open-versions.ts';
import type { Example } from './document.ts';

/** What some problems say beside what all of them say. */
const told: Partial<Record<ProblemCode, GatewayErrorOptions>> = {
  'validation-failed': {
    issues: [{ pointer: '/query/limit', detail: 'Too big: expected number to be <=100' }],
  },
  'rate-limited': { violatedPolicies: ['burst'] },
};

export interface ProblemExampleParts {
  /** Absent for a BFF without versions. */
  readonly version: VersionDescription | undefined;
  /** Those that are answered, newest first. */
  readonly versions: readonly string[];
  /** The page that explains problems. */
  readonly page: string | undefined;
}

/** Makes the examples of `codes`, by code. */
export function problemExamples(
  codes: readonly ProblemCode[],
  { version, versions, page }: ProblemExampleParts,
): Record<string, Example> {
  const way = version?.ways.find(({ endpoint, kind }) => endpoint === undefined && kind === 'down');
  const exampleOf = (code: ProblemCode): Example => {
    const options = code === 'unknown-version' ? { supported: versions } : (told[code] ?? {});
    const problem = problemDocument(
      new GatewayError(code, options),
      '4bf92f3577b34da6a3ce929d0e0e4736',
      page,
    );
    return { summary: problem.title, value: way === undefined ? problem : way.migrate(problem) };
  };
  return Object.fromEntries([...new Set(codes)].sort().map((code) => [code, exampleOf(code)]));
}
