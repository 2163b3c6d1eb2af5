/**
 * Clients recorded against each version of the partner API keep passing: what they asked is still answered with
 * what they got. More members may have come; nothing they read has changed.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { versionNames } from 'bffkit';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type CompatShop, everServed, openCompatShop, Recorded } from '../support/compat-shop.ts';

const here = new URL('.', import.meta.url);
const recordings = readdirSync(here, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => ({ version: name, recorded: readRecordings(new URL(`${name}/`, here)) }));

function readRecordings(folder: URL): Recorded[] {
  return readdirSync(folder).map((file) =>
    Recorded.parse(JSON.parse(readFileSync(new URL(file, folder), 'utf8'))),
  );
}

test('every version of the API was recorded', () => {
  const recorded = recordings.map(({ version }) => version);
  expect(versionNames(everServed.dated).filter((version) => !recorded.includes(version))).toEqual([]);
});

describe.each(recordings)('a client of $version', ({ version, recorded }) => {
  let shop: CompatShop;
  beforeAll(async () => {
    shop = await openCompatShop();
  });
  afterAll(() => shop.close());

  test.each(recorded)('gets what it got: $name', async ({ request, answer }) => {
    expect(await shop.ask(version, request)).toMatchObject(answer);
  });
});
