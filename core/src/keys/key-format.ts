/**
 * The text of an API key: `bffk_<environment>_<id><secret><checksum>` with `_` after the id, so 59
 * characters where the environment has four. The checksum lets a typing error or a made-up key be refused
 * without asking anybody, and lets scanners of source code tell a key from noise.
 *
 * @see {@link https://github.blog/engineering/platform-security/behind-githubs-new-authentication-token-formats/ GitHub's token formats}
 * @module
 */
import { randomInt } from 'node:crypto';
import { crc32 } from 'node:zlib';

/** What a key says without its secret. */
export interface KeyName {
  readonly environment: string;
  /** 12 characters; may be shown and logged. */
  readonly id: string;
}

/** A whole number from 0 to below `max`. */
export type RandomInteger = (max: number) => number;

export const keyPrefix = 'bffk_';
export const keyIdForm = /^[A-Za-z0-9]{12}$/;
export const environmentForm = /^[a-z][a-z0-9]{1,15}$/;

const alphabet = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const idLength = 12;
/** 30 characters of 62 are 178 bits: nothing to guess, and nothing to stretch at rest. */
const secretLength = 30;
/** 62⁶ is more than 2³², so every checksum has one text of this length. */
const checksumLength = 6;
const form = /^(bffk_([a-z][a-z0-9]{1,15})_([A-Za-z0-9]{12})_[A-Za-z0-9]{30})([A-Za-z0-9]{6})$/;

/** Makes a new key for `environment`, which has the {@link environmentForm}. */
export function createKey(
  environment: string,
  random: RandomInteger = (max) => randomInt(max),
): KeyName & { readonly key: string } {
  const id = randomText(idLength, random);
  const body = `${keyPrefix}${environment}_${id}_${randomText(secretLength, random)}`;
  return { environment, id, key: body + checksumOf(body) };
}

/** Reads a key; nothing when it cannot be one. Asks nobody. */
export function parseKey(key: string): KeyName | undefined {
  const [, body = '', environment = '', id = '', checksum] = form.exec(key) ?? [];
  return checksum !== undefined && checksumOf(body) === checksum ? { environment, id } : undefined;
}

/** What may be shown of a key. */
export function shownKey({ environment, id }: KeyName): string {
  return `${keyPrefix}${environment}_${id}`;
}

function checksumOf(body: string): string {
  let rest = crc32(body);
  let text = '';
  while (text.length < checksumLength) {
    text = alphabet.charAt(rest % alphabet.length) + text;
    rest = Math.floor(rest / alphabet.length);
  }
  return text;
}

function randomText(length: number, random: RandomInteger): string {
  return Array.from({ length }, () => alphabet.charAt(random(alphabet.length))).join('');
}
