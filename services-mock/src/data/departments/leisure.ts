/**
 * The leisure department: stationery and games.
 *
 * @module
 */
import type { Category } from '../category.ts';

const stationery: Category = {
  name: 'stationery',
  path: ['Leisure', 'Stationery'],
  brands: ['Papierhaus', 'Inkwell', 'Mill Street', 'Kontor'],
  things: ['Notebook', 'Fountain Pen', 'Desk Planner', 'Pencil Case', 'Mechanical Pencil', 'Letter Tray'],
  materials: ['Brass', 'Linen', 'Recycled Paper', 'Leather', 'Cherry Wood'],
  occasions: ['people who think with a pen in hand', 'meetings that deserve notes', 'a tidy desk'],
  features: [
    'The materials age well and look better after a year than on the first day.',
    'It lies flat on the table and stays the way you left it.',
    'Ink does not bleed and pencil does not smudge.',
    'Refills in all common formats fit and are easy to find.',
    'It is made in a family workshop that has done nothing else since 1924.',
    'It comes in a plain cardboard box without a gram of plastic.',
  ],
  care: ['Wipe with a dry cloth from time to time.', 'Keep it away from direct sun and radiators.'],
  praise: [
    'It makes me want to write letters again.',
    'The best paper I have had under a fountain pen.',
    'It feels substantial without being heavy.',
    'A perfect present, I have bought four by now.',
  ],
  complaints: [
    'The first pages came loose after a few weeks.',
    'It scratches more easily than I had hoped.',
    'Pretty, but the price is hard to justify.',
  ],
  attributes: { Format: ['A6', 'A5', 'A4', 'B5'], Refill: ['Standard', 'International', 'None'] },
  tags: ['writing', 'gift', 'office', 'plastic-free'],
  euros: [9, 129],
  grams: [20, 900],
};

const games: Category = {
  name: 'games',
  path: ['Leisure', 'Games'],
  brands: ['Holzspiel', 'Rainy Sunday', 'Corner Table', 'Tangram House'],
  things: ['Marble Run', 'Board Game', 'Wooden Train Set', 'Jigsaw Puzzle', 'Chess Set', 'Card Game'],
  materials: ['Beech', 'Family Edition', 'Travel Edition', 'Maple', 'Recycled Card'],
  occasions: ['rainy Sundays', 'players from six to ninety', 'evenings without a screen'],
  features: [
    'The rules fit on one page and are explained in five minutes.',
    'All pieces are made of untreated wood or thick card and feel good in the hand.',
    'It plays in half an hour and asks for a second round.',
    'Everything has its place in the box, so nothing gets lost.',
    'It was tested with more than two hundred families before it was printed.',
    'Missing pieces are replaced free of charge, without questions.',
  ],
  care: ['Keep it dry and wipe the pieces with a soft cloth.', 'Store the box flat.'],
  praise: [
    'Our children put the tablet away by themselves, twice.',
    'Simple to learn and still interesting after twenty rounds.',
    'Beautiful pieces, one can tell that somebody cared.',
    'Three generations at one table and nobody was bored.',
  ],
  complaints: [
    'Two pieces were missing and the replacement took three weeks.',
    'The rules contradict themselves on page two.',
    'Fun at first, but there is little to discover later.',
  ],
  attributes: { Age: ['3+', '6+', '8+', '12+'], Players: ['1–4', '2', '2–5', '2–6'] },
  tags: ['family', 'children', 'wood', 'gift'],
  euros: [12, 139],
  grams: [150, 3_200],
};

/** The categories of the leisure department. */
export const LEISURE: readonly Category[] = [stationery, games];
