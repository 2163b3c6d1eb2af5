/**
 * Dated versions in the order of steps: which version a request wants, and for each older version the reader of
 * its input and the writer of its answer, around those of the newest. Endpoints that did not change, and callers of
 * the newest version, go the way they would without versions.
 *
 * An answer goes back as JSON: what is kept is the newest, and serves every version.
 *
 * @module
 */
import { z } from 'zod';
import type { Principal } from './context/principal.ts';
import type { RequestContext } from './context/request-context.ts';
import type { Cursors } from './endpoint/cursor.ts';
import type { Endpoint } from './endpoint/endpoint.ts';
import { compileReadInput, type Input, type ReadInput } from './endpoint/read-input.ts';
import type { Answer } from './http/answer.ts';
import type { BaseScope } from './plan/run.ts';
import { GatewayError } from './problem/gateway-error.ts';
import { asZod, narrow } from './upstream/mask.ts';
import type { OpenVersions } from './versions/open-versions.ts';
import { type ServedVersion, versionHeader } from './versions/served.ts';

type WriteAnswer = (
  context: RequestContext,
  base: BaseScope,
  headers: Record<string, string>,
) => Promise<Answer>;

/** How one version of an endpoint reads and answers. */
export interface Lane {
  readonly readInput: ReadInput;
  readonly writeAnswer: WriteAnswer;
}

/** The steps of versions for one endpoint. */
export interface VersionSteps {
  /** What the request says itself; not known yet when it says nothing. */
  begin(context: RequestContext): ServedVersion;
  /** What it is for this caller. */
  settle(asked: ServedVersion, context: RequestContext, principal: Principal | undefined): ServedVersion;
  /** The way of the version. @throws {GatewayError} 400, 410 or 503 when there is none. */
  laneOf(served: ServedVersion, context: RequestContext): Lane;
  /** Gives an answer, of whatever outcome, its headers, and a problem its form. */
  finish(served: ServedVersion, answer: Answer): Answer;
}

export interface LaneParts {
  readonly versions?: OpenVersions | undefined;
  readonly cursors: Cursors;
}

/**
 * Compiles the steps; nothing for a BFF without versions.
 *
 * @param newest How the newest version reads and answers; `writeWhole` never answers in parts.
 */
export function compileVersions(
  endpoint: Endpoint,
  { versions, cursors }: LaneParts,
  newest: Lane & { readonly writeWhole: () => WriteAnswer },
): VersionSteps | undefined {
  if (versions === undefined) return undefined;
  const { served, chains } = versions;
  const lanes = chains.map(({ endpoints }): Lane => {
    const older = endpoints.get(endpoint);
    if (older === undefined) return newest;
    return {
      readInput: compileReadInput(endpoint, cursors, older),
      writeAnswer:
        older.down === undefined
          ? newest.writeAnswer
          : writeOlder(older.endpoint, older.down, newest.writeWhole()),
    };
  });
  return {
    begin: ({ inbound }) => served.asked(inbound.header(versionHeader)),
    settle(asked, context, principal) {
      const settled = served.settled(asked, principal);
      context.version = settled.version;
      return settled;
    },
    laneOf(version, { clock }) {
      const refusal = version.refusal(clock.wallMs());
      if (refusal !== undefined) throw refusal;
      return lanes[version.place] ?? newest;
    },
    finish(version, answer) {
      version.mark(answer.headers);
      const down = chains[version.place]?.problem.down;
      const isProblem = answer.headers['content-type'] === 'application/problem+json';
      if (down === undefined || !isProblem || typeof answer.body !== 'string') return answer;
      return { ...answer, body: JSON.stringify(down(JSON.parse(answer.body))) };
    },
  };
}

/** What the schema of the version does not take would be a shape that its clients never saw: that is a 500. */
function writeOlder(
  { response }: Endpoint,
  down: (value: unknown) => unknown,
  write: WriteAnswer,
): WriteAnswer {
  const schema = z.compile(asZod(narrow(response, true)));
  return async function writeOlderAnswer(context, base, headers) {
    const { select, ...input } = base.input as Input;
    const answer = await write(context, select === undefined ? base : { ...base, input }, headers);
    const text = typeof answer.body === 'string' ? answer.body : answer.body.text;
    const parsed = schema.safeParse(down(JSON.parse(text)));
    if (!parsed.success) throw new GatewayError('internal', { cause: parsed.error });
    const data = select === undefined ? parsed.data : select(parsed.data);
    return { ...answer, body: JSON.stringify(data) };
  };
}
