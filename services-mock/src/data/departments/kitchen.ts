/**
 * The kitchen department: coffee and cookware.
 *
 * @module
 */
import type { Category } from '../category.ts';

const coffee: Category = {
  name: 'coffee',
  path: ['Kitchen', 'Coffee'],
  brands: ['Nordhavn', 'Casa Brusco', 'Tamper & Co', 'Mill Street'],
  things: [
    'Gooseneck Kettle',
    'Burr Grinder',
    'French Press',
    'Milk Pitcher',
    'Pour-Over Set',
    'Cold Brew Jar',
  ],
  materials: ['Stainless Steel', 'Matte Black', 'Borosilicate Glass', 'Copper', 'Stoneware'],
  occasions: ['slow weekend mornings', 'the first cup of the day', 'a small kitchen with high standards'],
  features: [
    'The balanced handle stays cool, so you can pour without reaching for a cloth.',
    'Every part that touches coffee is free of plastic and leaves no taste behind.',
    'A precise spout gives you full control over the flow, from a drip to a steady stream.',
    'The wide base keeps it steady on gas, electric and induction hobs alike.',
    'Clear markings on the inside make the right dose easy to repeat.',
    'It takes apart without tools, which makes a thorough clean a matter of minutes.',
  ],
  care: [
    'Rinse with warm water after use and let it dry in the open.',
    'All loose parts are dishwasher safe.',
  ],
  praise: [
    'My coffee has not tasted this clean since I left Trieste.',
    'It pours exactly where I want it to, even half asleep.',
    'The build quality is far above what I expected at this price.',
    'It survived three moves and daily use without a dent.',
  ],
  complaints: [
    'The lid is a tight fit and needs both hands to come off.',
    'After a month the base shows water marks that will not go away.',
    'It is smaller than the photos suggest, enough for two cups at best.',
  ],
  attributes: { Capacity: ['0.35 l', '0.6 l', '1.0 l', '1.2 l'], Hob: ['All hobs', 'Gas and electric'] },
  tags: ['coffee', 'barista', 'gift', 'breakfast'],
  euros: [19, 149],
  grams: [250, 1_800],
};

const cookware: Category = {
  name: 'cookware',
  path: ['Kitchen', 'Cookware'],
  brands: ['Ferronnerie', 'Casa Brusco', 'Holt & Sons', 'Sjöberg'],
  things: ['Skillet', 'Saucepan', 'Dutch Oven', 'Wok', 'Sauté Pan', 'Roasting Tray'],
  materials: ['Cast Iron', 'Carbon Steel', 'Tri-Ply Steel', 'Enamelled', 'Ceramic-Coated'],
  occasions: [
    'searing, simmering and everything between',
    'family dinners that take their time',
    'daily cooking',
  ],
  features: [
    'Heat spreads evenly to the rim, so food browns in the middle and at the edge alike.',
    'The riveted handle is shaped for two grips and stays firm for decades.',
    'A drip-free rim lets you pour sauces from any side.',
    'It goes from the hob straight into the oven, up to 260 degrees.',
    'The thick base holds its temperature when cold ingredients go in.',
    'It arrives seasoned and ready, and gets better with every meal.',
  ],
  care: [
    'Wash by hand and dry at once to keep the surface smooth.',
    'Rub with a drop of oil before storing it.',
  ],
  praise: [
    'The crust it gives a steak is better than in my favourite bistro.',
    'Nothing sticks after the first week, not even eggs.',
    'It looks good enough to go straight on the table.',
    'Heavy in the right way: it feels like something I will pass on.',
  ],
  complaints: [
    'It is heavier than I can comfortably lift when full.',
    'The handle gets hot after ten minutes on gas.',
    'A corner of the coating chipped within the first two months.',
  ],
  attributes: {
    Diameter: ['20 cm', '24 cm', '28 cm', '32 cm'],
    'Oven safe': ['Up to 220 °C', 'Up to 260 °C'],
  },
  tags: ['cooking', 'induction', 'oven-safe', 'family'],
  euros: [29, 289],
  grams: [700, 6_200],
};

/** The categories of the kitchen department. */
export const KITCHEN: readonly Category[] = [coffee, cookware];
