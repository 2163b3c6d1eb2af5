/**
 * Makes the customers: the known accounts first, then people with names from all over Europe.
 *
 * @module
 */
import type { Address } from '../schemas/common.ts';
import type { User } from '../schemas/user.ts';
import { ACCOUNTS } from './accounts.ts';
import { PLACES, type Place } from './places.ts';
import { at, createRandom, type Random } from './random.ts';
import { DAY_MS, EPOCH_MS, timestamp } from './time.ts';
import { words } from './words.ts';

const FIRST_NAMES = words(
  'Agnieszka, Ahmed, Alba, Amélie, Anton, Aoife, Beatriz, Bram, Carmen, Chloé, Clara, Daan, David',
  'Elif, Emma, Esther, Femke, Fiona, Florian, Gareth, Hanna, Hugo, Ines, Jakub, Jan, Jonas, Julia',
  'Katarzyna, Leila, Lena, Louis, Lucía, Maja, Marek, Mateo, Mila, Nadia, Niamh, Nora, Oliver',
  'Pablo, Paulina, Rosa, Samira, Sofie, Tess, Yusuf',
);
const LAST_NAMES = words(
  'Adeyemi, Alonso, Bakker, Becker, Bernard, Brandt, Campbell, Castillo, de Vries, Dubois, Evans',
  'Ferrer, Fischer, Garnier, Haddad, Hughes, Jansen, Kamińska, Keller, Kowalski, Laurent',
  'Lewandowska, López, MacLeod, Moreau, Mulder, Navarro, Nowak, O’Brien, Ortega, Patel, Richter',
  'Romero, Sanders, Schulz, Singh, Smit, Taylor, Vidal, Visser, Weber, Wójcik, Yıldız, Zielińska',
  'Zimmermann',
);
const LETTERS = 'ABCDEFGHJKLMNPRSTUWXY'.split('');

/** Makes `count` customers. */
export function buildUsers(seed: number, count: number): readonly User[] {
  const random = createRandom(seed, 'users');
  return Array.from({ length: count }, (_, index) => buildUser(random, index));
}

function buildUser(random: Random, index: number): User {
  const number = String(index + 1).padStart(4, '0');
  const account = ACCOUNTS[index];
  const place = account === undefined ? random.pick(PLACES) : at(PLACES, 0);
  const name = account?.name ?? `${random.pick(FIRST_NAMES)} ${random.pick(LAST_NAMES)}`;
  return {
    id: `usr_${number}`,
    name,
    email: account === undefined ? emailOf(name, number) : `${account.login}@acme.example`,
    phone: fill(random, place.phone),
    locale: place.locale,
    country: place.country,
    tier: account?.tier ?? random.pick(['basic', 'basic', 'basic', 'plus', 'plus', 'pro'] as const),
    avatarUrl: `https://img.acme.example/avatars/usr_${number}.webp`,
    address: buildAddress(random, place),
    loyaltyPoints: random.int(0, 4_800),
    createdAt: timestamp(EPOCH_MS - random.int(560 * DAY_MS, 1_800 * DAY_MS)),
    internalRiskScore: random.int(0, 100) / 100,
    passwordHash: `$argon2id$v=19$m=65536,t=3,p=4$${token(random, 22)}$${token(random, 43)}`,
  };
}

function buildAddress(random: Random, place: Place): Address {
  const street = random.pick(place.streets);
  const house = random.int(1, 140);
  return {
    line1: place.numberFirst ? `${house} ${street}` : `${street} ${house}`,
    city: random.pick(place.cities),
    postcode: fill(random, place.postcode),
    country: place.country,
  };
}

function emailOf(name: string, number: string): string {
  const plain = name
    .replace('ı', 'i')
    .replace('ł', 'l')
    .normalize('NFD')
    .replace(/[^A-Za-z ]/g, '');
  return `${plain.toLowerCase().replaceAll(' ', '.')}.${Number(number)}@mail.example`;
}

function fill(random: Random, pattern: string): string {
  return pattern.replace(/#/g, () => String(random.int(0, 9))).replace(/@/g, () => random.pick(LETTERS));
}

/** Looks like the base64 of a hash, and is the hash of nothing. */
function token(random: Random, length: number): string {
  return Array.from({ length }, () => random.int(0, 35).toString(36)).join('');
}
