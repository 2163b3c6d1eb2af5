import { type PageMeta, ssr } from 'bffkit';

/** What the catalog knows of a product, as far as a page says it of itself. */
interface Described {
  readonly id: string;
  readonly sku: string;
  readonly title: string;
  readonly description: string;
  readonly brand: string;
  readonly rating: { readonly average: number; readonly count: number };
  readonly seo: { readonly title: string; readonly description: string };
}

/** What browsers, search engines and messengers are told of a product, at the price everybody pays. */
export function productMeta(
  { id, sku, title, description, brand, rating, seo }: Described,
  price: { readonly amount: number; readonly currency: string },
): PageMeta {
  const address = `/products/${encodeURIComponent(id)}`;
  return ssr({
    meta: {
      title: seo.title,
      description: seo.description,
      canonical: address,
      openGraph: { type: 'product', title, siteName: 'Acme', locale: 'en_GB' },
      jsonLd: [
        {
          '@context': 'https://schema.org',
          '@type': 'Product',
          name: title,
          description,
          sku,
          brand: { '@type': 'Brand', name: brand },
          offers: {
            '@type': 'Offer',
            price: (price.amount / 100).toFixed(2),
            priceCurrency: price.currency,
          },
          ...(rating.count === 0
            ? {}
            : {
                aggregateRating: {
                  '@type': 'AggregateRating',
                  ratingValue: rating.average,
                  reviewCount: rating.count,
                },
              }),
        },
      ],
    },
  }).meta;
}
