/**
 * Texts that do not fit have their whole text as a title, from the moment somebody points at them.
 *
 * @module
 */

export function titleClipped() {
  document.addEventListener('pointerover', ({ target }) => {
    if (!(target instanceof HTMLElement) || target.children.length > 0) return;
    const isOurs = target.dataset.clipped !== undefined;
    if (target.title !== '' && !isOurs) return;
    if (target.scrollWidth > target.clientWidth && target.clientWidth > 0) {
      target.title = target.textContent ?? '';
      target.dataset.clipped = '';
    } else if (isOurs) {
      target.removeAttribute('title');
      delete target.dataset.clipped;
    }
  });
}
