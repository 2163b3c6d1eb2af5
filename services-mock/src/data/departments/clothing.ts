/**
 * The clothing department: outerwear and knitwear.
 *
 * @module
 */
import type { Category } from '../category.ts';

const outerwear: Category = {
  name: 'outerwear',
  path: ['Clothing', 'Outerwear'],
  brands: ['Fjellrev', 'Harbour Cloth', 'Sierra Alta', 'Nordlys'],
  things: ['Rain Jacket', 'Field Coat', 'Down Vest', 'Parka', 'Windbreaker', 'Chore Jacket'],
  materials: ['Waxed Cotton', 'Recycled Polyester', 'Organic Cotton', 'Wool Blend', 'Three-Layer'],
  occasions: ['grey days in the city', 'weather that cannot make up its mind', 'autumn walks by the sea'],
  features: [
    'The cut leaves room for a warm layer below without looking like a tent.',
    'Two inner pockets are large enough for a phone and a paperback.',
    'The hood adjusts with one hand and does not block your view.',
    'Taped seams and a storm flap keep wind and water out.',
    'The two-way zip opens from below when you sit or ride.',
    'It is cut and sewn in Portugal by people who earn a living wage.',
  ],
  care: ['Wash at 30 degrees, without softener.', 'Hang to dry and renew the proofing once a season.'],
  praise: [
    'Strangers ask me where I bought it.',
    'Warm without bulk, and the sleeves are long enough at last.',
    'The rain simply rolls off, even after a year.',
    'The fit is true to size and the pockets are where hands go.',
  ],
  complaints: [
    'Runs a full size small across the shoulders.',
    'The zip sticks at the bottom every single time.',
    'The colour faded after the third wash.',
  ],
  attributes: { Size: ['XS', 'S', 'M', 'L', 'XL'], Fit: ['Regular', 'Relaxed', 'Slim'] },
  tags: ['rain', 'winter', 'unisex', 'fair-trade'],
  euros: [69, 389],
  grams: [280, 1_600],
};

const knitwear: Category = {
  name: 'knitwear',
  path: ['Clothing', 'Knitwear'],
  brands: ['Nordlys', 'Harbour Cloth', 'Alpaca Andina', 'Strick & Faden'],
  things: ['Crew Neck Sweater', 'Cardigan', 'Beanie', 'Scarf', 'Turtleneck', 'Knitted Vest'],
  materials: ['Merino', 'Alpaca', 'Lambswool', 'Cashmere Blend', 'Mohair Blend'],
  occasions: ['cold offices and colder platforms', 'layers from October to April', 'days without a plan'],
  features: [
    'The yarn is soft enough to be worn directly on the skin.',
    'It is knitted in one piece, without side seams that could twist.',
    'Ribbed cuffs and hems keep their shape after many washes.',
    'The wool is traceable to the farm and free of mulesing.',
    'It breathes when you move and warms when you stop.',
    'A length of matching yarn for repairs comes with it.',
  ],
  care: ['Air it often, wash it rarely, and always in cold water.', 'Dry it flat and away from the sun.'],
  praise: [
    'The softest thing I own, and it does not pill.',
    'I wear it four days a week and nobody has complained yet.',
    'It kept its shape through a whole winter.',
    'The colour is deep and even, just like in the pictures.',
  ],
  complaints: [
    'It itches more than the description promises.',
    'Small pills under the arms after the second wear.',
    'The sleeves grew two centimetres in the first wash.',
  ],
  attributes: { Size: ['XS', 'S', 'M', 'L', 'XL'], Gauge: ['5 gg', '7 gg', '12 gg'] },
  tags: ['wool', 'winter', 'unisex', 'traceable'],
  euros: [29, 259],
  grams: [80, 720],
};

/** The categories of the clothing department. */
export const CLOTHING: readonly Category[] = [outerwear, knitwear];
