/**
 * What a reader must know of a version before reading on: that it is not the newest, and when it ends. In dates, not
 * in "soon": pages are made once.
 *
 * @module
 */
import { type HtmlValue, html } from '../ssr/html.ts';
import type { ShownVersion } from './reference.ts';
import type { Portal } from './shell.ts';

const day = new Intl.DateTimeFormat('en-GB', {
  day: 'numeric',
  month: 'long',
  year: 'numeric',
  timeZone: 'UTC',
});
const moment = new Intl.DateTimeFormat('en-GB', {
  day: 'numeric',
  month: 'long',
  year: 'numeric',
  hour: '2-digit',
  minute: '2-digit',
  timeZone: 'UTC',
});

/** `1 June 2027`, of UTC. */
export function dayText(iso: string): string {
  return day.format(new Date(iso));
}

/** `4 May 2027, 08:00 UTC`. */
export function momentText(iso: string): string {
  return `${moment.format(new Date(iso)).replace(' at ', ', ')} UTC`;
}

export function versionBanner(
  { day: version, isNewest, description }: ShownVersion,
  { links, versions }: Portal,
): HtmlValue {
  if (version === undefined || isNewest || description === undefined) return undefined;
  const { deprecatedAt, sunsetAt } = description;
  const [newest] = versions;
  const changes = html`<a href="${links.changelog}#${newest.name}">What changed since</a>`;
  if (deprecatedAt === undefined)
    return html`<p class="banner">This is version ${version}. The newest is <a href="${links.reference(newest.name)}">${newest.name}</a>. ${changes}.</p>`;
  return html`<p class="banner warn"><strong>Deprecated on ${dayText(deprecatedAt)}${sunsetAt !== undefined && `, ends on ${dayText(sunsetAt)}`}.</strong> Build on <a href="${links.reference(newest.name)}">${newest.name}</a>. ${changes}.</p>`;
}
