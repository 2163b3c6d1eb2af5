/**
 * One request under way on a connection, or waiting for one; settles exactly once.
 *
 * @module
 */
import { cohort } from '../../context/cohort.ts';
import type { GatewayError } from '../../problem/gateway-error.ts';
import type { Exchange, TransportAnswer, TransportRequest } from '../transport.ts';

/** Whoever has an exchange, and must let go of it when it is aborted. */
export interface ExchangeHolder {
  letGo(exchange: Http1Exchange): void;
}

export class Http1Exchange implements Exchange {
  readonly answer: Promise<TransportAnswer>;
  readonly request: TransportRequest;
  /** The head as it is sent, once it is written. */
  head = '';
  holder: ExchangeHolder | undefined;
  #answered: TransportAnswer | undefined;
  #isOver = false;
  #resolve: (answer: TransportAnswer) => void = () => {};
  #reject: (error: GatewayError) => void = () => {};

  constructor(request: TransportRequest) {
    this.request = request;
    this.answer = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
  }

  abort(reason: GatewayError): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.holder?.letGo(this);
    this.#reject(reason);
  }

  /** Its connection is free from now on; the answer is told with the others of this turn. */
  succeed(answer: TransportAnswer): void {
    this.holder = undefined;
    this.#answered = answer;
    tellTogether(this);
  }

  /** Tells the answer that came, unless the exchange was aborted since. */
  tell(): void {
    if (this.#isOver || this.#answered === undefined) return;
    this.#isOver = true;
    this.#resolve(this.#answered);
  }

  fail(error: GatewayError): void {
    this.#isOver = true;
    this.#reject(error);
  }
}

const tellTogether = cohort((exchange: Http1Exchange) => exchange.tell());
