/**
 * The home department: lighting and furniture.
 *
 * @module
 */
import type { Category } from '../category.ts';

const lighting: Category = {
  name: 'lighting',
  path: ['Home', 'Lighting'],
  brands: ['Lumenbau', 'Oslo Light', 'Atelier Sérac', 'Halden'],
  things: ['Desk Lamp', 'Pendant Light', 'Reading Lamp', 'Floor Lamp', 'Wall Sconce', 'Bedside Lamp'],
  materials: ['Brass', 'Opal Glass', 'Powder-Coated', 'Oak', 'Linen'],
  occasions: ['long evenings with a good book', 'desks that see real work', 'rooms that need a calm corner'],
  features: [
    'The dimmer moves without steps from a bright working light to a warm glow.',
    'A weighted base and a fabric-covered cable keep it exactly where you put it.',
    'The shade spreads light downwards and spares your eyes the glare.',
    'The light source can be replaced with any standard bulb, so nothing ends up in the bin.',
    'Its joints hold their position without screws to tighten.',
    'At full brightness it uses less than ten watts.',
  ],
  care: ['Dust with a dry, soft cloth.', 'Switch it off and let it cool before cleaning the shade.'],
  praise: [
    'The light is warm without being yellow, which is rare.',
    'It turned the darkest corner of our flat into my favourite one.',
    'Assembly took five minutes and no swearing.',
    'The dimmer is silent and smooth down to the lowest level.',
  ],
  complaints: [
    'The cable is a metre too short for most rooms.',
    'The switch sits behind the base, where nobody finds it.',
    'It hums faintly on the lowest setting.',
  ],
  attributes: {
    Socket: ['E14', 'E27', 'Integrated LED'],
    'Colour temperature': ['2700 K', '3000 K', '2200–4000 K'],
  },
  tags: ['led', 'dimmable', 'living-room', 'design'],
  euros: [39, 349],
  grams: [600, 7_500],
};

const furniture: Category = {
  name: 'furniture',
  path: ['Home', 'Furniture'],
  brands: ['Halden', 'Werkraum', 'Pinewood Works', 'Atelier Sérac'],
  things: ['Side Table', 'Desk Chair', 'Bookshelf', 'Bench', 'Bar Stool', 'Coat Stand'],
  materials: ['Solid Oak', 'Walnut', 'Birch Plywood', 'Ash', 'Cherry'],
  occasions: ['homes that change with the people in them', 'small flats', 'everyday use over many years'],
  features: [
    'The joints are glued and doweled, so nothing starts to wobble after a year.',
    'Felt pads under every foot protect wooden floors.',
    'Rounded edges are kind to hips, knees and children.',
    'The surface is finished with a natural oil that you can refresh at home.',
    'It arrives in one flat box and stands after four screws.',
    'The wood comes from certified forests less than 600 kilometres from the workshop.',
  ],
  care: ['Wipe with a damp cloth and dry right away.', 'Refresh the oil once a year.'],
  praise: [
    'The grain is beautiful and no two pieces look the same.',
    'It carries far more than I dared to put on it at first.',
    'Our toddler climbs it daily and it has not moved a millimetre.',
    'Delivered on the day, carried up to the third floor without a word.',
  ],
  complaints: [
    'One leg was shorter than the others and needed a shim.',
    'The colour is clearly darker than on the screen.',
    'The instructions are a riddle in twelve tiny drawings.',
  ],
  attributes: {
    Height: ['45 cm', '72 cm', '110 cm', '180 cm'],
    Assembly: ['Ready assembled', 'Four screws'],
  },
  tags: ['wood', 'handmade', 'living-room', 'sustainable'],
  euros: [59, 690],
  grams: [2_500, 28_000],
};

/** The categories of the home department. */
export const HOME: readonly Category[] = [lighting, furniture];
