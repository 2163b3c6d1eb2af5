/**
 * Who draws the curves.
 *
 * @module
 */
import type { Contender } from '../index.ts';

/** The base first. */
export const curveContenders: readonly Contender[] = [
  {
    name: 'node-http',
    label: 'node:http + undici',
    file: new URL('./node-http.ts', import.meta.url),
    token: false,
    asked: 'by path',
  },
  {
    name: 'bffkit',
    label: 'bffkit, everything on',
    file: new URL('./bffkit.ts', import.meta.url),
    token: true,
    asked: 'by path',
  },
];
