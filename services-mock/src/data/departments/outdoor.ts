/**
 * The outdoor department: camping and cycling.
 *
 * @module
 */
import type { Category } from '../category.ts';

const camping: Category = {
  name: 'camping',
  path: ['Outdoor', 'Camping'],
  brands: ['Fjellrev', 'Highmoor', 'Basecamp Nine', 'Sierra Alta'],
  things: ['Two-Person Tent', 'Sleeping Bag', 'Camp Stove', 'Sleeping Mat', 'Backpack', 'Headlamp'],
  materials: ['Ripstop', 'Ultralight', 'Four-Season', 'Recycled Nylon', 'Titanium'],
  occasions: [
    'wet weekends in the hills',
    'two weeks on the trail',
    'the first night outside with the children',
  ],
  features: [
    'All seams are sealed by hand and tested under a sprinkler for an hour.',
    'It packs to the size of a loaf of bread and straps to any rucksack.',
    'Colour-coded parts make it easy to set up in the dark.',
    'Every buckle can be worked with cold fingers and thick gloves.',
    'Reflective details make it easy to find by torchlight.',
    'A repair kit with instructions is part of the pack.',
  ],
  care: ['Dry it completely before you pack it away.', 'Store it loosely, never compressed.'],
  praise: [
    'It kept us dry through two days of Scottish rain.',
    'So light that I checked twice whether I had packed it.',
    'The repair service fixed a tear for free, after three years.',
    'Up in four minutes, alone, in the wind.',
  ],
  complaints: [
    'The stuff sack is so tight that packing becomes a fight.',
    'It is fine for one and optimistic for two.',
    'One of the zips caught on the fabric on the very first trip.',
  ],
  attributes: {
    Season: ['Summer', 'Three seasons', 'Four seasons'],
    'Packed size': ['30 × 12 cm', '42 × 15 cm'],
  },
  tags: ['hiking', 'ultralight', 'waterproof', 'trekking'],
  euros: [29, 549],
  grams: [90, 4_200],
};

const cycling: Category = {
  name: 'cycling',
  path: ['Outdoor', 'Cycling'],
  brands: ['Veloroute', 'Spoke & Chain', 'Highmoor', 'Kopfstein'],
  things: ['Handlebar Bag', 'Helmet', 'Track Pump', 'Front Light', 'Saddle', 'Folding Lock'],
  materials: ['Canvas', 'Hardened Steel', 'Matte White', 'Leather', 'Carbon'],
  occasions: ['the daily ride to work', 'long tours with an open end', 'cobbles, rain and rush hour'],
  features: [
    'It mounts in seconds and comes off just as fast when you park.',
    'Tested for forty thousand kilometres on a bench, and for two winters in Hamburg.',
    'The fastening fits every common size without an adapter.',
    'Reflective edges make you visible from all sides.',
    'Rain runs off and road dirt comes off with a wet cloth.',
    'Each part is available separately for at least ten years.',
  ],
  care: ['Wash off road salt after winter rides.', 'Grease moving parts twice a year.'],
  praise: [
    'Two winters of commuting and it still looks new.',
    'The clamp is simple and never slipped, even on cobbles.',
    'I forget that it is there, which is the best I can say.',
    'Drivers keep a better distance since I have it.',
  ],
  complaints: [
    'The mount rattles on rough roads until you add a rubber strip.',
    'It does not fit handlebars with a modern oversized clamp.',
    'The charging port cover already broke off.',
  ],
  attributes: { Size: ['S', 'M', 'L', 'One size'], Weather: ['Splash proof', 'Waterproof'] },
  tags: ['commuting', 'touring', 'safety', 'reflective'],
  euros: [19, 219],
  grams: [110, 2_100],
};

/** The categories of the outdoor department. */
export const OUTDOOR: readonly Category[] = [camping, cycling];
