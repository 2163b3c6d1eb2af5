import { describe, expect, it } from 'vitest';
import { paginate } from './page.ts';

const listOf = (length: number): readonly { readonly id: string }[] =>
  Array.from({ length }, (_, index) => ({ id: `item_${index}` }));

describe.each([0, 1, 2, 3, 4, 5, 6, 7])('a list of %i', (length) => {
  const all = listOf(length);

  it.each([1, 2, 3, 7, 8])('comes in full pages of %i, and none after the last item', (limit) => {
    const sizes: number[] = [];
    let page = paginate(all, { limit });
    const items = [...page.items];
    sizes.push(page.items.length);
    while (page.next !== null) {
      page = paginate(all, { limit, cursor: page.next });
      items.push(...page.items);
      sizes.push(page.items.length);
    }
    const rest = length % limit;
    const full = Array<number>(Math.floor(length / limit)).fill(limit);
    expect(sizes).toEqual(rest > 0 || length === 0 ? [...full, rest] : full);
    expect(items).toEqual(all);
  });
});

it('items that are filtered out behind the page do not promise another one', () => {
  const page = paginate(listOf(5), { limit: 2 }, ({ id }) => id < 'item_2');
  expect(page).toEqual({ items: [{ id: 'item_0' }, { id: 'item_1' }], next: null });
});

it('a cursor that no page gave is refused', () => {
  expect(() => paginate(listOf(3), { limit: 2, cursor: 'aXRlbV85' })).toThrow(
    expect.objectContaining({ status: 400, code: 'invalid_cursor' }),
  );
});
