/**
 * Remembers what a browser was given and what it complained about.
 *
 * @module
 */
import type { BrowserContext, ConsoleMessage, Page, Response } from 'playwright-core';

export interface Watch {
  /** Errors and warnings of the console, broken policies and uncaught exceptions among them. */
  readonly complaints: readonly string[];
  /** Every address that was asked, in order. */
  readonly urls: readonly string[];
  /**
   * All that arrived so far: addresses, headers, bodies.
   *
   * @throws {Error} when the browser has thrown away a part of it.
   */
  everything(): Promise<string>;
  forget(): void;
}

export function watch(context: BrowserContext): Watch {
  const complaints: string[] = [];
  const urls: string[] = [];
  const arrived: Promise<string | Error>[] = [];
  context.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) complaints.push(describe(message));
  });
  context.on('weberror', (thrown) => complaints.push(String(thrown.error())));
  context.on('request', (request) => urls.push(request.url()));
  context.on('response', (response) => arrived.push(textOf(response).catch((error: Error) => error)));
  return {
    complaints,
    urls,
    async everything() {
      const texts = await Promise.all(arrived);
      for (const text of texts) if (text instanceof Error) throw text;
      return texts.join('\n');
    },
    forget() {
      for (const list of [complaints, urls, arrived]) list.length = 0;
    },
  };
}

/** What scripts of the page could find in its storage. */
export function storageOf(page: Page): Promise<string> {
  return page.evaluate(`(async () => JSON.stringify([
    document.cookie, window.name, history.state, { ...localStorage }, { ...sessionStorage },
    await indexedDB.databases(), await caches.keys(),
  ]))()`);
}

function describe(message: ConsoleMessage): string {
  const { url } = message.location();
  return `${message.text()} ${url === '' ? '' : `(${new URL(url).pathname})`}`.trim();
}

async function textOf(response: Response): Promise<string> {
  const headers = (await response.headersArray()).map(({ name, value }) => `${name}: ${value}`);
  const isRedirect = response.status() >= 300 && response.status() < 400;
  const body = isRedirect ? '' : await response.text(); // browsers throw away what comes with a redirect
  return [response.url(), ...headers, body].join('\n');
}
