import { env } from 'node:process';

interface Page {
  items: { id: string; sku: string; title: string }[];
  next: string | null;
}

/** Reads the whole catalog, page by page. */
async function* listProducts() {
  const url = new URL('/v1/products?limit=100', env.API_URL);
  while (true) {
    const response = await fetch(url, {
      headers: {
        Authorization: `Bearer ${env.API_KEY}`,
        'API-Version': '2026-11-01',
      },
    });
    if (!response.ok) throw new Error(await response.text());
    const page = (await response.json()) as Page;
    yield* page.items;
    if (page.next === null) return;
    url.searchParams.set('cursor', page.next);
  }
}

let count = 0;
for await (const product of listProducts()) {
  if (count === 0) console.log(`the first is ${product.title}`);
  count += 1;
}
console.log(`${count} products`);
