/**
 * The pool of those who call with `undici.request`. Without it they would get, by an accident of loading
 * order, the dispatcher of the undici inside Node, which is slower; a comparison must use their best.
 *
 * @module
 */
import { Agent } from 'undici';

export const dispatcher = new Agent();
