/**
 * The electronics department: audio and computing.
 *
 * @module
 */
import type { Category } from '../category.ts';

const audio: Category = {
  name: 'audio',
  path: ['Electronics', 'Audio'],
  brands: ['Klangwerk', 'Aria', 'Northbridge', 'Tonstudio'],
  things: ['Headphones', 'Bookshelf Speaker', 'Turntable', 'Earbuds', 'Soundbar', 'Portable Radio'],
  materials: ['Walnut', 'Graphite', 'Aluminium', 'Cream', 'Midnight Blue'],
  occasions: ['people who listen to whole albums', 'long train rides', 'living rooms and late evenings'],
  features: [
    'The tuning is neutral with a gentle lift in the bass, so voices stay clear at low volume.',
    'Bluetooth with multipoint keeps two devices connected at the same time.',
    'Every wearing part can be ordered and replaced without a soldering iron.',
    'Ten minutes on the charger give five hours of music.',
    'Physical buttons work with gloves and in the rain.',
    'A companion app is available, but nothing needs it.',
  ],
  care: ['Clean with a dry microfibre cloth.', 'Keep the firmware current for the best connection.'],
  praise: [
    'I hear details in old records that I never noticed before.',
    'The battery lasts through my whole working week.',
    'Setting it up took less time than unpacking it.',
    'Voices sound natural, which makes podcasts a pleasure.',
  ],
  complaints: [
    'The app insists on an account for the equaliser.',
    'It loses the connection when my phone is in the other pocket.',
    'The bass takes over at high volume.',
  ],
  attributes: { Battery: ['18 h', '30 h', '45 h', 'Mains'], Bluetooth: ['5.2', '5.3', '5.4'] },
  tags: ['wireless', 'hi-fi', 'music', 'travel'],
  euros: [49, 599],
  grams: [45, 6_800],
};

const computing: Category = {
  name: 'computing',
  path: ['Electronics', 'Computing'],
  brands: ['Keyforge', 'Northbridge', 'Portside', 'Werkraum'],
  things: ['Mechanical Keyboard', 'Trackball', 'Monitor Arm', 'USB-C Dock', 'Laptop Stand', 'Webcam'],
  materials: ['Aluminium', 'Space Grey', 'Recycled Plastic', 'White', 'Anodised Black'],
  occasions: ['desks with little room to spare', 'eight hours of writing a day', 'working from anywhere'],
  features: [
    'It works with macOS, Windows and Linux without a driver.',
    'The solid housing does not flex and does not slide.',
    'One detachable USB-C cable carries data and power.',
    'All settings are stored on the device and follow you to the next computer.',
    'The underside is lined with non-slip rubber along its full length.',
    'Spare parts and firmware sources are public.',
  ],
  care: ['Unplug before cleaning and use compressed air for the gaps.', 'A slightly damp cloth is enough.'],
  praise: [
    'My wrists stopped hurting after the first week.',
    'One cable now replaces the five that covered my desk.',
    'It was recognised at once on my Linux laptop.',
    'Feels like equipment from a machine shop, in the best sense.',
  ],
  complaints: [
    'It gets surprisingly warm under load.',
    'The cable in the box is only half a metre long.',
    'Colleagues can hear it in every video call.',
  ],
  attributes: {
    Connection: ['USB-C', 'USB-C and Bluetooth', 'Thunderbolt 4'],
    Warranty: ['2 years', '3 years', '5 years'],
  },
  tags: ['usb-c', 'ergonomic', 'office', 'linux'],
  euros: [39, 429],
  grams: [120, 3_400],
};

/** The categories of the electronics department. */
export const ELECTRONICS: readonly Category[] = [audio, computing];
