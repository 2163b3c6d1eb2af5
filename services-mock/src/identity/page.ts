/**
 * The frame of the identity provider's own pages: plain HTML without scripts, readable by day and by night.
 *
 * @see {@link https://www.w3.org/TR/CSP3/ Content Security Policy}, also about redirects after a form
 * @module
 */
import { createHash } from 'node:crypto';

/** HTML text; what `html` makes, so that nothing is written that was not escaped. */
export class Html {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

type Part = string | Html | readonly Html[];

/** Writes HTML. What is put in is escaped, unless it is HTML itself. */
export function html(pieces: TemplateStringsArray, ...parts: readonly Part[]): Html {
  return new Html(pieces.map((piece, index) => piece + textOf(parts[index] ?? '')).join(''));
}

/** A page as it goes out. */
export interface Page {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** What a page is made of. */
export interface PageOptions {
  readonly title: string;
  readonly content: Html;
  /** Where a form of the page may lead to by redirects, beside this origin. */
  readonly leadsTo?: string | undefined;
}

/** Makes a page, with the policy that it may do nothing but show itself and send its forms. */
export function pageOf({ title, content, leadsTo }: PageOptions): Page {
  const formAction = ["'self'", formSource(leadsTo)].filter((source) => source !== undefined).join(' ');
  const document = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title}</title>
<style>${new Html(styles)}</style>
</head>
<body>
<main>
<p class="brand"><svg viewBox="0 0 24 24" width="22" height="22" aria-hidden="true"><path d="M12 2 22 20H2z" fill="currentColor"/></svg>Acme</p>
${content}
</main>
<footer>The shop’s identity provider, for development only</footer>
</body>
</html>
`;
  return {
    body: document.text,
    headers: {
      'content-type': 'text/html; charset=utf-8',
      'cache-control': 'no-store',
      'content-security-policy': `default-src 'none'; style-src '${stylesHash}'; form-action ${formAction}; base-uri 'none'; frame-ancestors 'none'`,
      'referrer-policy': 'no-referrer',
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'DENY',
    },
  };
}

/** Browsers hold redirects after a form against the policy too; the scheme is all there is of an app's address. */
function formSource(address: string | undefined): string | undefined {
  const url = address === undefined ? null : URL.parse(address);
  if (url === null) return undefined;
  return url.origin === 'null' ? url.protocol : url.origin;
}

function textOf(part: Part): string {
  if (part instanceof Html) return part.text;
  if (typeof part !== 'string') return part.map(({ text }) => text).join('');
  return part.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

const styles = `
:root{color-scheme:light dark;--ink:#16181d;--soft:#5d6470;--line:#dfe2e7;--paper:#fff;--back:#f5f6f8;--accent:#4338ca;--on-accent:#fff;--wrong:#b42318;--wrong-back:#fef3f2;--ring:#4338ca55}
@media (prefers-color-scheme:dark){:root{--ink:#eceef2;--soft:#99a1ae;--line:#2b2f37;--paper:#17191e;--back:#0d0f12;--accent:#8f88ff;--on-accent:#0d0f12;--wrong:#ff9b93;--wrong-back:#2b1716;--ring:#8f88ff66}}
*{box-sizing:border-box;margin:0}
body{min-height:100vh;min-height:100dvh;display:flex;flex-direction:column;align-items:center;justify-content:center;gap:20px;padding:32px 16px;background:var(--back);color:var(--ink);font:15px/1.5 ui-sans-serif,system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif;-webkit-font-smoothing:antialiased}
main{width:100%;max-width:392px;padding:32px;background:var(--paper);border:1px solid var(--line);border-radius:14px;box-shadow:0 1px 2px #0000000a,0 12px 32px -12px #0000001a}
footer{color:var(--soft);font-size:13px}
.brand{display:flex;align-items:center;gap:8px;margin-bottom:24px;font-weight:650;letter-spacing:-.01em}
.brand svg{color:var(--accent)}
h1{font-size:22px;line-height:1.25;font-weight:650;letter-spacing:-.02em}
.lead{margin-top:6px;color:var(--soft)}
.wrong{margin-top:20px;padding:10px 12px;border-radius:8px;background:var(--wrong-back);color:var(--wrong);font-size:14px}
form{margin-top:20px}
.people{display:grid;gap:8px;list-style:none;padding:0;margin-top:20px}
.people form{margin:0}
.person{display:flex;align-items:center;gap:12px;width:100%;padding:10px 12px;border:1px solid var(--line);border-radius:10px;background:none;color:inherit;font:inherit;text-align:left;cursor:pointer}
.person:hover{border-color:var(--accent)}
.person i{flex:none;display:grid;place-items:center;width:34px;height:34px;border-radius:50%;background:var(--back);border:1px solid var(--line);color:var(--soft);font-style:normal;font-size:12px;font-weight:600}
.person b{display:block;font-weight:550;line-height:1.35}
.person small{display:block;color:var(--soft);font-size:13px;line-height:1.35}
.or{display:flex;align-items:center;gap:12px;margin:24px 0 0;color:var(--soft);font-size:13px}
.or::before,.or::after{content:"";flex:1;height:1px;background:var(--line)}
label{display:block;margin-top:14px;font-size:14px;font-weight:500}
input{display:block;width:100%;margin-top:6px;padding:9px 12px;border:1px solid var(--line);border-radius:8px;background:var(--paper);color:inherit;font:inherit}
.main,.other{display:block;width:100%;margin-top:20px;padding:10px 14px;border:1px solid transparent;border-radius:8px;background:var(--accent);color:var(--on-accent);font:inherit;font-weight:550;text-align:center;text-decoration:none;cursor:pointer}
.main:hover{filter:brightness(1.08)}
.other{margin-top:10px;background:none;border-color:var(--line);color:inherit}
input:focus-visible,button:focus-visible,a:focus-visible{outline:3px solid var(--ring);outline-offset:1px;border-color:var(--accent)}
code{font:13px ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;color:var(--soft)}
@media (max-width:440px){main{padding:24px 20px}input{font-size:16px}}
`;
const stylesHash = `sha256-${createHash('sha256').update(styles).digest('base64')}`;
