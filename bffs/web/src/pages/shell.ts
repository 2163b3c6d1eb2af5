import { html, type Page, type SafeHtml } from 'bffkit';

const head = html`<meta name="color-scheme" content="light dark">
<link rel="icon" href="/icon.svg" type="image/svg+xml">
<link rel="stylesheet" href="/app.css">
<script type="module" src="/app.js"></script>`;

/** The document of the app around a screen that is shown already; nobody is signed in until the script has asked. */
export function shell(screen: SafeHtml): Pick<Page, 'head' | 'body'> {
  return {
    head,
    body: html`<a class="skip" href="#main">Skip to content</a>
<header class="bar">
  <div class="wrap">
    <a class="brand" href="/"><svg viewBox="0 0 24 24" width="20" height="20" aria-hidden="true"><path d="M12 2 22 20H2z" fill="currentColor"/></svg>Acme</a>
    <search class="search"><form action="/search">
      <input type="search" name="q" aria-label="Search products" placeholder="Search products" maxlength="100" autocomplete="off">
    </form></search>
    <nav id="account" aria-label="Account"></nav>
  </div>
</header>
<main id="main" class="wrap" tabindex="-1" data-shown>
${screen}
</main>
<footer class="wrap"><div id="trace"></div><p>A demo of the web BFF. Plain files, one request per screen.</p></footer>
<div id="live" class="sr" role="status" aria-live="polite"></div>`,
  };
}
