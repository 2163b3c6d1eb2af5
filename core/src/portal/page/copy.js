/** A button on every block of code. */
import { element } from './dom.js';

const shownMs = 1_500;

export function addCopyButtons() {
  if (navigator.clipboard === undefined) return; // only pages of https and of this machine have one
  for (const block of document.querySelectorAll('.code')) addCopyButton(block);
}

export function addCopyButton(block) {
  const button = element('button', { type: 'button', class: 'copy' }, 'Copy');
  button.addEventListener('click', async () => {
    await navigator.clipboard.writeText(block.querySelector('code').textContent);
    button.textContent = 'Copied';
    button.dataset.done = '';
    setTimeout(() => {
      button.textContent = 'Copy';
      delete button.dataset.done;
    }, shownMs);
  });
  block.append(button);
}
