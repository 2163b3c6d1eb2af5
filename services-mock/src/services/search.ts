/**
 * Finds products by words. A word in the title counts more than one in the description.
 *
 * @module
 */
import type { Product } from '../schemas/product.ts';

/** The hits, best first, and how many of them each category has, most first. */
export interface SearchResult {
  readonly hits: readonly Product[];
  readonly facets: readonly { readonly category: string; readonly count: number }[];
}

/** Reads the products once, and returns the function that searches them. */
export function createSearch(products: readonly Product[]): (text: string) => SearchResult {
  const entries = products.map((product) => ({
    product,
    title: product.title.toLowerCase(),
    labels: [product.category, ...product.categoryPath, ...product.tags].join(' ').toLowerCase(),
    description: product.description.toLowerCase(),
  }));

  return function search(text) {
    const words = text.toLowerCase().split(/\s+/);
    const hits = entries
      .map((entry) => ({ product: entry.product, score: scoreOf(entry, words) }))
      .filter(({ score }) => score > 0)
      .sort((a, b) => b.score - a.score)
      .map(({ product }) => product);
    return { hits, facets: countCategories(hits) };
  };
}

type Texts = Readonly<Record<'title' | 'labels' | 'description', string>>;

/** Zero unless every word is found somewhere. */
function scoreOf({ title, labels, description }: Texts, words: readonly string[]): number {
  let score = 0;
  for (const word of words) {
    const points =
      Number(title.includes(word)) * 4 +
      Number(labels.includes(word)) * 2 +
      Number(description.includes(word));
    if (points === 0) return 0;
    score += points;
  }
  return score;
}

function countCategories(hits: readonly Product[]): SearchResult['facets'] {
  return [...Map.groupBy(hits, ({ category }) => category)]
    .map(([category, { length: count }]) => ({ category, count }))
    .sort((a, b) => b.count - a.count);
}
