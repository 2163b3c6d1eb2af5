/**
 * A page of the console in Chromium, which remembers what it complained about and where it went.
 *
 * @module
 */
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { type Watch, watch } from '../../e2e/watch.ts';

export interface OpenPage {
  readonly page: Page;
  readonly seen: Watch;
  readonly context: BrowserContext;
}

interface Looks {
  readonly width?: number;
  readonly height?: number;
  readonly colorScheme?: 'light' | 'dark';
  /** For tools that put scripts of their own into the page. */
  readonly bypassCSP?: boolean;
}

/** Opens `url` and waits until the feed is live. */
export async function openConsole(browser: Browser, url: string, looks: Looks = {}): Promise<OpenPage> {
  const { width = 1_440, height = 900, colorScheme = 'light', bypassCSP = false } = looks;
  const context = await browser.newContext({
    viewport: { width, height },
    colorScheme,
    bypassCSP,
    locale: 'en-GB',
    reducedMotion: 'reduce',
  });
  context.setDefaultTimeout(20_000);
  const seen = watch(context);
  const page = await context.newPage();
  await page.goto(url);
  await page.getByText('live', { exact: true }).waitFor({ state: 'attached' });
  return { page, seen, context };
}
