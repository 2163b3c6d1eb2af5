/**
 * What the services of the benchmark answer with: lists of objects with text, numbers and nested
 * objects, as real services have them.
 *
 * @module
 */
import type { Random } from './random.ts';

export interface Money {
  readonly amount: number;
  readonly currency: string;
}

export interface Address {
  readonly line1: string;
  readonly city: string;
  readonly postcode: string;
  readonly country: string;
}

export interface Profile {
  readonly id: string;
  readonly name: string;
  readonly email: string;
  readonly phone: string;
  readonly locale: string;
  readonly tier: string;
  readonly avatarUrl: string;
  readonly addresses: readonly Address[];
  readonly loyalty: { readonly points: number; readonly since: string; readonly level: string };
  readonly interests: readonly string[];
  readonly createdAt: string;
}

export interface Product {
  readonly id: string;
  readonly sku: string;
  readonly title: string;
  readonly subtitle: string;
  readonly description: string;
  readonly brand: string;
  readonly categoryPath: readonly string[];
  readonly images: readonly { readonly url: string; readonly width: number; readonly height: number }[];
  readonly price: Money;
  readonly rating: { readonly average: number; readonly count: number };
  readonly attributes: readonly { readonly name: string; readonly value: string }[];
  readonly available: boolean;
}

export interface Order {
  readonly id: string;
  readonly customerId: string;
  readonly status: string;
  readonly placedAt: string;
  readonly lines: readonly {
    readonly productId: string;
    readonly title: string;
    readonly quantity: number;
    readonly unitPrice: Money;
  }[];
  readonly total: Money;
  readonly shippingAddress: Address;
  readonly tracking: { readonly carrier: string; readonly code: string; readonly url: string } | null;
}

export interface Recommendation {
  readonly productId: string;
  readonly title: string;
  readonly imageUrl: string;
  readonly reason: string;
  readonly score: number;
  readonly price: Money;
}

export interface Review {
  readonly id: string;
  readonly author: string;
  readonly rating: number;
  readonly title: string;
  readonly text: string;
  readonly helpful: number;
  readonly verified: boolean;
  readonly createdAt: string;
}

export interface Notification {
  readonly id: string;
  readonly kind: string;
  readonly title: string;
  readonly text: string;
  readonly link: string;
  readonly icon: string;
  readonly read: boolean;
  readonly createdAt: string;
}

export interface Price {
  readonly productId: string;
  readonly list: Money;
  readonly now: Money;
  readonly discountPercent: number;
  readonly promotion: string | null;
  readonly validUntil: string;
}

/** A page of a list, as services answer. */
export interface Page<Item> {
  readonly items: readonly Item[];
  readonly next: string | null;
  readonly total: number;
}

/** A page of `count` items. */
export function pageOf<Item>(count: number, make: (index: number) => Item): Page<Item> {
  return { items: Array.from({ length: count }, (_, index) => make(index)), next: 'cur_0001', total: 240 };
}

export function makeProfile(random: Random, addresses: number): Profile {
  return {
    id: 'usr_0042',
    name: 'Zoë Lindqvist',
    email: 'zoe.lindqvist@example.com',
    phone: '+46 8 123 456 78',
    locale: 'sv-SE',
    tier: 'plus',
    avatarUrl: 'https://cdn.example.com/avatars/usr_0042.webp',
    addresses: Array.from({ length: addresses }, () => makeAddress(random)),
    loyalty: { points: random.integer(0, 9_999), since: random.moment(), level: 'silver' },
    interests: Array.from({ length: addresses + 2 }, () => random.words(2)),
    createdAt: random.moment(),
  };
}

export function makeProduct(random: Random, index: number): Product {
  const id = idOf('prd', index);
  return {
    id,
    sku: `SKU-${random.integer(100_000, 999_999)}`,
    title: random.words(4),
    subtitle: random.words(6),
    description: random.words(52),
    brand: random.words(1),
    categoryPath: ['home', random.words(1), random.words(2)],
    images: Array.from({ length: 2 }, (_, number) => ({
      url: `https://cdn.example.com/products/${id}/${number}.webp`,
      width: 1_200,
      height: 900,
    })),
    price: makeMoney(random),
    rating: { average: random.integer(10, 50) / 10, count: random.integer(0, 900) },
    attributes: Array.from({ length: 3 }, () => ({ name: random.words(1), value: random.words(2) })),
    available: random.integer(0, 4) > 0,
  };
}

export function makeOrder(random: Random, index: number, lines: number): Order {
  const id = idOf('ord', index);
  return {
    id,
    customerId: 'usr_0042',
    status: random.oneOf(['placed', 'paid', 'shipped', 'delivered', 'cancelled']),
    placedAt: random.moment(),
    lines: Array.from({ length: lines }, () => ({
      productId: idOf('prd', random.integer(0, 999)),
      title: random.words(4),
      quantity: random.integer(1, 4),
      unitPrice: makeMoney(random),
    })),
    total: makeMoney(random),
    shippingAddress: makeAddress(random),
    tracking:
      index % 3 === 0
        ? null
        : {
            carrier: 'PostNord',
            code: `PN${random.integer(1e8, 9e8)}`,
            url: `https://track.example.com/${id}`,
          },
  };
}

export function makeRecommendation(random: Random, index: number): Recommendation {
  const productId = idOf('prd', index);
  return {
    productId,
    title: random.words(4),
    imageUrl: `https://cdn.example.com/products/${productId}/0.webp`,
    reason: random.oneOf(['bought-together', 'viewed-together', 'popular']),
    score: random.integer(1, 1_000) / 1_000,
    price: makeMoney(random),
  };
}

export function makeReview(random: Random, index: number): Review {
  return {
    id: idOf('rev', index),
    author: random.oneOf(['Ada', 'Björn', 'Chloë', 'Dmitri', 'Emi']),
    rating: random.integer(1, 5),
    title: random.words(4),
    text: random.words(16),
    helpful: random.integer(0, 90),
    verified: random.integer(0, 1) === 1,
    createdAt: random.moment(),
  };
}

export function makeNotification(random: Random, index: number): Notification {
  const id = idOf('ntf', index);
  return {
    id,
    kind: random.oneOf(['order', 'price', 'news']),
    title: random.words(4),
    text: random.words(10),
    link: `https://shop.example.com/notifications/${id}`,
    icon: 'bell',
    read: random.integer(0, 1) === 1,
    createdAt: random.moment(),
  };
}

export function makePrice(random: Random, index: number): Price {
  return {
    productId: idOf('prd', index),
    list: makeMoney(random),
    now: makeMoney(random),
    discountPercent: random.integer(0, 60),
    promotion: index % 2 === 0 ? null : random.words(2),
    validUntil: random.moment(),
  };
}

function makeMoney(random: Random): Money {
  return { amount: random.integer(100, 99_900), currency: 'EUR' };
}

function makeAddress(random: Random): Address {
  return {
    line1: `${random.words(2)} ${random.integer(1, 200)}`,
    city: random.oneOf(['Stockholm', 'Århus', 'Köln', 'Lyon', 'Porto']),
    postcode: String(random.integer(10_000, 99_999)),
    country: random.oneOf(['SE', 'DK', 'DE', 'FR', 'PT']),
  };
}

function idOf(kind: string, index: number): string {
  return `${kind}_${String(index + 1).padStart(4, '0')}`;
}
