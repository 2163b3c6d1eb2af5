/**
 * What only the services may know: fields of their answers and headers with which they give themselves
 * away. None of it may be in anything a client gets.
 *
 * @module
 */

/** Fields that clients never see, by the service that has them. */
export const internalFields: Readonly<Record<string, readonly string[]>> = {
  users: ['internalRiskScore', 'passwordHash'],
  catalog: ['supplierCode', 'internalCost'],
  orders: ['warehouse', 'fraudScore'],
  reviews: ['moderationNote'],
  recommendations: ['model'],
  pricing: ['marginPercent'],
};

const serviceHeaders = ['server', 'x-powered-by', 'x-internal-host'];
const fields = new Set(Object.values(internalFields).flat());

/** The internal fields and service headers in an answer: `body.items[].warehouse`, `header server`. */
export function leaksOf(headers: Headers, text: string): string[] {
  const found = new Set(serviceHeaders.filter((name) => headers.has(name)).map((name) => `header ${name}`));
  collect(text === '' ? undefined : JSON.parse(text), 'body', found);
  return [...found].sort();
}

function collect(value: unknown, path: string, found: Set<string>): void {
  if (Array.isArray(value)) {
    for (const item of value) collect(item, `${path}[]`, found);
  } else if (typeof value === 'object' && value !== null) {
    for (const [name, part] of Object.entries(value)) {
      if (fields.has(name)) found.add(`${path}.${name}`);
      collect(part, `${path}.${name}`, found);
    }
  }
}
