/**
 * As much of a browser as sign-in needs: cookies per host, `SameSite`, redirects one by one, and the
 * headers that tell a page's own calls from others.
 *
 * @module
 */

interface Cookie {
  readonly value: string;
  readonly sameSite: string;
  readonly line: string;
}

export interface Page {
  readonly status: number;
  readonly url: string;
  readonly headers: Headers;
  readonly text: string;
  /** Every hop, in order. */
  readonly hops: readonly {
    readonly url: string;
    readonly status: number;
    readonly location: string | null;
  }[];
}

export class Browser {
  readonly #jars = new Map<string, Map<string, Cookie>>();
  /** Every `Set-Cookie` line that came, in order. */
  readonly setCookies: string[] = [];

  /**
   * Goes to `url` and follows redirects, as a person who clicks does.
   *
   * @param options.from The site of the page with the link: `Strict` cookies stay home when it is another one. Default: the same.
   * @param options.until Stops before a URL that begins with this is asked for.
   */
  async open(url: string, options: { readonly from?: string; readonly until?: string } = {}): Promise<Page> {
    const hops: { url: string; status: number; location: string | null }[] = [];
    let isCrossSite = options.from !== undefined && siteOf(options.from) !== siteOf(url);
    let next = url;
    for (let hop = 0; hop < 20; hop += 1) {
      const answer = await fetch(next, {
        redirect: 'manual',
        headers: { cookie: this.cookieHeader(next, isCrossSite), 'sec-fetch-mode': 'navigate' },
      });
      this.#keep(next, answer);
      const location = answer.headers.get('location');
      const text = await answer.text();
      hops.push({ url: next, status: answer.status, location });
      const target = location === null ? undefined : new URL(location, next).href;
      if (target === undefined || (options.until !== undefined && target.startsWith(options.until))) {
        return { status: answer.status, url: target ?? next, headers: answer.headers, text, hops };
      }
      isCrossSite ||= siteOf(target) !== siteOf(next);
      next = target;
    }
    throw new Error(`too many redirects, the last to ${next}`);
  }

  /** What the app's own page does: `fetch` with the anti-forgery header. `undefined` leaves a header out. */
  call(
    url: string,
    init: { method?: string; headers?: Record<string, string | undefined>; body?: string } = {},
  ) {
    const { headers = {}, ...rest } = init;
    const all = {
      'x-csrf': '1',
      'sec-fetch-site': 'same-origin',
      cookie: this.cookieHeader(url, false),
      ...headers,
    };
    const present = Object.entries(all).filter((entry): entry is [string, string] => entry[1] !== undefined);
    return fetch(url, { redirect: 'manual', headers: Object.fromEntries(present), ...rest }).then(
      (answer) => {
        this.#keep(url, answer);
        return answer;
      },
    );
  }

  cookie(url: string, name: string): string | undefined {
    return this.#jar(url).get(name)?.value;
  }

  names(url: string): string[] {
    return [...this.#jar(url).keys()];
  }

  set(url: string, name: string, value: string): void {
    this.#jar(url).set(name, { value, sameSite: 'Strict', line: '' });
  }

  cookieHeader(url: string, isCrossSite: boolean): string {
    return [...this.#jar(url)]
      .filter(([, { sameSite }]) => !isCrossSite || sameSite !== 'Strict')
      .map(([name, { value }]) => `${name}=${value}`)
      .join('; ');
  }

  #keep(url: string, answer: Response): void {
    const jar = this.#jar(url);
    for (const line of answer.headers.getSetCookie()) {
      this.setCookies.push(line);
      const [pair = '', ...attributes] = line.split(';').map((part) => part.trim());
      const equals = pair.indexOf('=');
      const name = pair.slice(0, equals);
      const lower = attributes.map((attribute) => attribute.toLowerCase());
      const sameSite = lower.find((one) => one.startsWith('samesite='))?.slice(9) ?? 'lax';
      const expires = Date.parse(lower.find((one) => one.startsWith('expires='))?.slice(8) ?? '');
      if (lower.includes('max-age=0') || expires < Date.now()) jar.delete(name);
      else
        jar.set(name, {
          value: pair.slice(equals + 1),
          sameSite: sameSite === 'strict' ? 'Strict' : 'Lax',
          line,
        });
    }
  }

  #jar(url: string): Map<string, Cookie> {
    const { host } = new URL(url); // real jars ignore the port; here it keeps the two servers apart
    const known = this.#jars.get(host);
    if (known !== undefined) return known;
    const jar = new Map<string, Cookie>();
    this.#jars.set(host, jar);
    return jar;
  }
}

function siteOf(url: string): string {
  return new URL(url).hostname;
}
