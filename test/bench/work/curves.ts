/**
 * Jobs that grow: the same work with more services, and with larger answers. What a line of a curve says
 * is how the cost grows, not how large it is.
 *
 * @module
 */
import { seededRandom } from './random.ts';
import { makeOrder, makeRecommendation, type Order, type Page, pageOf, type Recommendation } from './shop.ts';
import { jsonBytes, type Workload } from './workloads.ts';

/** Services that are asked at once. */
export const widths = [1, 2, 4, 8, 16] as const;

/** Kilobytes of the one answer that is read. */
export const sizes = [1, 4, 16, 64, 256, 1_000] as const;

/** Where the services of the curves are: the origins of as many as the widest needs, and of each size. */
export interface CurveServices {
  readonly branches: readonly string[];
  readonly sized: readonly string[];
}

/** Jobs of one kind, from the smallest to the largest. */
export interface Curve {
  readonly name: string;
  readonly summary: string;
  /** What the first column of its table counts. */
  readonly unit: string;
  readonly points: readonly { readonly at: number; readonly workload: Workload }[];
}

const seed = 20_261_122;
/** So many answers of a size are under way that no gateway holds more than these bytes of them. */
const maxBytesAtOnce = 4_000_000;

/** What each branch answers: about 2 KB. */
export function buildBranch(): Page<Recommendation> {
  const random = seededRandom(seed);
  return pageOf(10, (index) => makeRecommendation(random, index));
}

/** An answer of about so many kilobytes: one order more would be too many. */
export function buildSized(kilobytes: number): Page<Order> {
  const random = seededRandom(seed + kilobytes);
  const orders: Order[] = [];
  for (let bytes = 0; bytes < kilobytes * 1_000; ) {
    const order = makeOrder(random, orders.length, 3);
    bytes += jsonBytes(order) + 1;
    orders.push(order);
  }
  const fitting = Math.max(1, orders.length - 1);
  return pageOf(fitting, (index) => orders[index] as Order);
}

/** What is kept of a branch. */
export function branchOf({ items }: Page<Recommendation>) {
  return {
    items: items.map(({ productId, title, price }) => ({
      productId,
      title,
      price: { amount: price.amount, currency: price.currency },
    })),
  };
}

/** What is kept of a sized answer: about an eighth. */
export function trimmedOf({ items }: Page<Order>) {
  return {
    items: items.map(({ id, status, total }) => ({
      id,
      status,
      total: { amount: total.amount, currency: total.currency },
    })),
  };
}

/** All curves, in their order. */
export function allCurves(): readonly Curve[] {
  const branch = buildBranch();
  const sized = sizes.map((kilobytes) => ({ kilobytes, page: buildSized(kilobytes) }));
  return [
    {
      name: 'width',
      summary: 'fan out to more and more services of 2 KB, keep half the fields',
      unit: 'services',
      points: widths.map((width) => {
        const expected = { parts: Array.from({ length: width }, () => branchOf(branch)) };
        return { at: width, workload: workloadOf('width', width, expected, jsonBytes(branch) * width) };
      }),
    },
    {
      name: 'trim',
      summary: 'read one larger and larger answer, keep a few fields',
      unit: 'KB in',
      points: sized.map(({ kilobytes, page }) => ({
        at: kilobytes,
        workload: workloadOf('trim', kilobytes, trimmedOf(page), jsonBytes(page)),
      })),
    },
    {
      name: 'whole',
      summary: 'pass one larger and larger answer through; bffkit reads it and checks it against its schema',
      unit: 'KB in',
      points: sized.map(({ kilobytes, page }) => ({
        at: kilobytes,
        workload: workloadOf('whole', kilobytes, page, jsonBytes(page)),
      })),
    },
    {
      name: 'unread',
      summary: 'pass one larger and larger answer through as text; bffkit finds that it is JSON',
      unit: 'KB in',
      points: sized.map(({ kilobytes, page }) => ({
        at: kilobytes,
        workload: workloadOf('unread', kilobytes, page, jsonBytes(page)),
      })),
    },
  ];
}

function workloadOf(curve: string, at: number, expected: unknown, bytesIn: number): Workload {
  return {
    name: `${curve} ${at}`,
    summary: curve,
    path: `/${curve}/${at}`,
    connections: Math.min(64, Math.max(4, Math.floor(maxBytesAtOnce / bytesIn))),
    expected,
    bytesIn,
    bytesOut: jsonBytes(expected),
  };
}
