import { setTimeout as wait } from 'node:timers/promises';

/** Reads, and waits as long as it is told when it was too fast. */
async function read(path: string, tries = 5) {
  for (let attempt = 1; ; attempt += 1) {
    const response = await fetch(process.env.API_URL + path, {
      headers: {
        Authorization: `Bearer ${process.env.API_KEY}`,
        'API-Version': '2026-11-01',
      },
    });
    const isPassing = response.status === 429 || response.status === 503;
    if (!isPassing || attempt === tries) {
      if (!response.ok) throw new Error(await response.text());
      return await response.json();
    }
    const seconds = Number(response.headers.get('Retry-After') ?? 1);
    await wait(seconds * 1_000 + Math.random() * 250); // not all of your workers at once
  }
}

for (const sku of ['SKU-00001', 'SKU-00002', 'SKU-00003']) {
  const stock = await read(`/v1/inventory/${sku}`);
  console.log(stock.sku, stock.available);
}
