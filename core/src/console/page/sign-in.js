/**
 * Signing in where the admin port asks for a token. The token goes into the body of one request, never into an
 * address, and is not kept here.
 *
 * @module
 */
import { h, setText } from './dom.js';

/** @param {() => void} onOpen */
export function signInForm(onOpen) {
  const problem = h('p', { class: 'problem', role: 'alert' });
  const input = h('input', {
    type: 'password',
    id: 'token',
    autocomplete: 'current-password',
    required: true,
    minlength: 32,
    spellcheck: 'false',
  });
  const form = h(
    'form',
    { class: 'sign-in', on: { submit: (/** @type {SubmitEvent} */ event) => void submit(event) } },
    h('h1', {}, 'bffkit console'),
    h(
      'p',
      { class: 'muted' },
      'This admin port asks for its token. It opens the console in this browser for eight hours, for reading only.',
    ),
    h('label', { for: 'token' }, 'Admin token'),
    input,
    problem,
    h('button', { type: 'submit', class: 'primary' }, 'Sign in'),
  );

  /** @param {SubmitEvent} event */
  async function submit(event) {
    event.preventDefault();
    setText(problem, '');
    try {
      const answer = await fetch('/console/sign-in', {
        method: 'POST',
        body: input.value,
        headers: { 'content-type': 'text/plain' },
      });
      if (answer.status === 204) {
        input.value = '';
        onOpen();
      } else if (answer.status === 429) setText(problem, 'Too many wrong tokens. Wait a minute.');
      else setText(problem, 'That is not the token.');
    } catch {
      setText(problem, 'The gateway does not answer.');
    }
  }
  return h('main', { id: 'main', class: 'door' }, form);
}
