import { expect, test } from 'vitest';
import { openApiCommand } from './openapi.ts';

test('openapi writes the document of one BFF as JSON', async () => {
  const text = await openApiCommand(['partner']);
  expect(JSON.parse(text)).toMatchObject({ openapi: '3.1.1', info: { title: 'partner' } });
  expect(await openApiCommand(['partner', '--json'])).toBe(text);
});

test.each([[[]], [['web', 'mobile']]])('openapi takes one name: %j is refused', async (parameters) => {
  await expect(openApiCommand(parameters)).rejects.toThrow('openapi needs the name of one BFF');
});

test('openapi says which BFFs there are', async () => {
  await expect(openApiCommand(['nope'])).rejects.toThrow("there is no BFF 'nope'; there are mobile,");
});
