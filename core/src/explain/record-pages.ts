/**
 * Decision records on the admin port, as JSON: `GET /requests` for what is kept, `GET /requests/ID` for one.
 *
 * @module
 */
import type { AdminPages } from '../context/admin-pages.ts';
import type { Clock } from '../context/clock.ts';
import { GatewayError } from '../problem/gateway-error.ts';
import { problemDocument, problemHeaders } from '../problem/problem.ts';
import type { DecisionRecord } from './decision-record.ts';
import type { RecordRing } from './record-ring.ts';

/** What `GET /requests` answers. */
export interface ExplainedRequests {
  readonly bff: string;
  /** Which requests are explained: all, those that were signed, or none. */
  readonly explains: 'every' | 'signed' | 'nothing';
  /** Names of the keys that may sign. */
  readonly keyIds: readonly string[];
  /** The clock that judges signatures, in epoch milliseconds. */
  readonly nowMs: number;
  /** Newest first. */
  readonly requests: readonly Pick<
    DecisionRecord,
    'requestId' | 'at' | 'method' | 'route' | 'status' | 'time'
  >[];
}

interface PagesParts extends Pick<ExplainedRequests, 'bff' | 'explains' | 'keyIds'> {
  readonly clock: Clock;
  readonly ring: RecordRing;
}

export function recordPages({ clock, ring, ...told }: PagesParts): AdminPages {
  const overview = (): ExplainedRequests => ({
    ...told,
    nowMs: clock.wallMs(),
    requests: ring.all().map(({ requestId, at, method, route, status, time }) => ({
      requestId,
      at,
      method,
      route,
      status,
      time,
    })),
  });
  return {
    pages: ['/requests'],
    mount(app) {
      app.get('/requests', (c) => c.json(overview(), 200, { 'cache-control': 'no-store' }));
      app.get('/requests/:id', (c) => {
        const id = c.req.param('id');
        const record = ring.of(id);
        if (record !== undefined) return c.json(record, 200, { 'cache-control': 'no-store' });
        const error = new GatewayError('not-found', {
          detail: 'This instance keeps no record of that request.',
        });
        return c.json(problemDocument(error, ''), 404, problemHeaders(error));
      });
    },
  };
}
