/**
 * The people everybody knows: fixed customers with a login, for demonstrations and tests.
 *
 * @module
 */
import type { Tier } from '../schemas/common.ts';

/** A customer who can sign in. The password is the login name: these accounts are for development. */
export interface Account {
  readonly login: string;
  readonly userId: string;
  readonly name: string;
  readonly tier: Tier;
  /** What they are in the company. */
  readonly roles: readonly string[];
  /** How many orders the world gives them. */
  readonly orders: number;
}

/** The accounts, in the order of the first users. */
export const ACCOUNTS: readonly Account[] = [
  { login: 'ada', userId: 'usr_0001', name: 'Ada Lovelace', tier: 'pro', roles: ['customer'], orders: 26 },
  {
    login: 'grace',
    userId: 'usr_0002',
    name: 'Grace Hopper',
    tier: 'plus',
    roles: ['customer', 'support'],
    orders: 19,
  },
  {
    login: 'linus',
    userId: 'usr_0003',
    name: 'Linus Pauling',
    tier: 'basic',
    roles: ['customer'],
    orders: 14,
  },
];
