import { setTimeout as wait } from 'node:timers/promises';

const mayPass = new Set([429, 502, 503, 504]);

/** Places an order once, however often it has to ask. */
async function createOrder(
  order: object,
  key: string = crypto.randomUUID(),
  tries = 5,
) {
  for (let attempt = 1; ; attempt += 1) {
    const response = await fetch(`${process.env.API_URL}/v1/orders`, {
      method: 'POST',
      headers: {
        Authorization: `Bearer ${process.env.API_KEY}`,
        'API-Version': '2026-11-01',
        'Content-Type': 'application/json',
        'Idempotency-Key': key, // the same for every try
      },
      body: JSON.stringify(order),
      signal: AbortSignal.timeout(10_000),
    }).catch(() => undefined); // no answer: the order may have been placed, so ask again

    if (response?.ok) return await response.json();
    const isRunning = response?.status === 409 && response.headers.has('Retry-After');
    const isPassing =
      response === undefined || isRunning || mayPass.has(response.status);
    if (!isPassing || attempt === tries) throw new Error(await response?.text());
    const seconds = Number(response?.headers.get('Retry-After') ?? 2 ** attempt / 4);
    await wait(seconds * 1_000 + Math.random() * 250);
  }
}

const order = await createOrder({
  reference: 'PO-4711', // how you call it
  lines: [{ sku: process.env.SKU, quantity: 2 }],
});
console.log(order.id, order.status);
