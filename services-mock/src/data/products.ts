/**
 * Makes the products: brand, series, material and thing give the name, the category gives the text.
 * Their ratings come later, from the reviews.
 *
 * @module
 */
import type { Product } from '../schemas/product.ts';
import { CATEGORIES } from './categories.ts';
import type { Category } from './category.ts';
import { at, createRandom, type Random } from './random.ts';
import { DAY_MS, EPOCH_MS, timestamp } from './time.ts';
import { words } from './words.ts';

/** A product that nobody has reviewed yet. */
export type ProductDraft = Omit<Product, 'rating'>;

/** No product is newer than this; orders and reviews are. */
export const NEWEST_PRODUCT_MS: number = EPOCH_MS - 550 * DAY_MS;

const SERIES = words(
  'Alba, Arden, Aster, Birk, Bolt, Calla, Cedar, Cove, Delta, Dune, Ember, Fjord, Flint, Fable',
  'Grove, Harbour, Heron, Isle, Juniper, Kestrel, Lark, Linden, Luna, Maren, Mistral, Nimbus, North',
  'Olive, Onda, Pine, Quarry, Reed, Ridge, Sable, Slate, Solis, Tarn, Tide, Umbra, Vale, Willow',
  'Zephyr',
);
const COLOURS = ['Black', 'Chalk', 'Forest Green', 'Rust', 'Sand', 'Navy', 'Natural', 'Slate Grey'];
const PROMISES = [
  'Delivered in two to four days, with thirty days to change your mind.',
  'Free returns within thirty days, and spare parts for as long as we exist.',
  'Packed without plastic and shipped from our warehouse within a day.',
  'Covered by a five-year guarantee that asks no questions.',
];

/** Makes `count` products, spread evenly over the categories. */
export function buildProducts(seed: number, count: number): readonly ProductDraft[] {
  const random = createRandom(seed, 'products');
  return Array.from({ length: count }, (_, index) => buildProduct(random, index));
}

function buildProduct(random: Random, index: number): ProductDraft {
  const shelf = index % CATEGORIES.length;
  const category = at(CATEGORIES, shelf);
  const position = Math.floor(index / CATEGORIES.length);
  const brand = at(category.brands, position % category.brands.length);
  const round = Math.floor(position / category.brands.length);
  const series = at(SERIES, (round + shelf * 5) % SERIES.length);
  const material = random.pick(category.materials);
  const thing = random.pick(category.things);

  const number = String(index + 1).padStart(5, '0');
  const id = `prd_${number}`;
  const name = `${series} ${material} ${thing}`;
  const title = `${brand} ${name}`;
  const occasion = random.pick(category.occasions);
  const price = retailPrice(random, category);
  const createdMs = NEWEST_PRODUCT_MS - random.int(0, 900 * DAY_MS);
  return {
    id,
    sku: `SKU-${number}`,
    title,
    subtitle: `${material} ${thing.toLowerCase()} for ${occasion}`,
    description: describe(random, category, { name, brand, occasion }),
    brand,
    category: category.name,
    categoryPath: [...category.path],
    images: buildImages(id, title),
    price: { amount: price, currency: 'EUR' },
    attributes: [
      { name: 'Material', value: material },
      { name: 'Colour', value: random.pick(COLOURS) },
      ...Object.entries(category.attributes).map(([label, values]) => ({
        name: label,
        value: random.pick(values),
      })),
    ],
    tags: [category.name, ...random.sample(category.tags, 3)],
    seo: {
      title: `${title} | Acme`,
      description: `Buy the ${title}: made for ${occasion}. Free returns within thirty days.`,
      canonicalPath: `/p/${id}/${slug(title)}`,
    },
    weightGrams: random.int(...category.grams),
    createdAt: timestamp(createdMs),
    updatedAt: timestamp(random.int(createdMs, EPOCH_MS)),
    supplierCode: `SUP-${random.int(1_000, 9_999)}`,
    internalCost: { amount: Math.round((price * random.int(38, 68)) / 100), currency: 'EUR' },
  };
}

interface Naming {
  readonly name: string;
  readonly brand: string;
  readonly occasion: string;
}

function describe(random: Random, category: Category, { name, brand, occasion }: Naming): string {
  const [first, second, third, fourth] = random.sample(category.features, 4);
  const opening = random.pick([
    `With the ${name}, ${brand} set out to make something for ${occasion}.`,
    `The ${name} by ${brand} is made for ${occasion}.`,
    `Made for ${occasion}: the ${name} shows what ${brand} does best.`,
  ]);
  return [opening, first, second, third, fourth, random.pick(category.care), random.pick(PROMISES)].join(' ');
}

function buildImages(id: string, title: string): Product['images'] {
  return ['front view', 'in use', 'detail'].map((view, index) => ({
    url: `https://img.acme.example/products/${id}/${index + 1}.webp`,
    width: 1_600,
    height: index === 0 ? 1_600 : 1_200,
    alt: `${title}, ${view}`,
  }));
}

/** Cheap things are common and expensive ones rare; every price ends in 90 cents. */
function retailPrice(random: Random, { euros: [min, max] }: Category): number {
  const euros = min + Math.round((max - min) * random.next() ** 2.2);
  return euros * 100 + 90;
}

function slug(title: string): string {
  return title
    .normalize('NFD')
    .replace(/[\u0300-\u036f]/g, '')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-');
}
