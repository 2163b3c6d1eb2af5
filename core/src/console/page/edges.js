/**
 * Boxes that scroll sideways say on which side there is more.
 *
 * @module
 */
import { setAttr } from './dom.js';

/** Keeps `data-more` of the box: `left`, `right`, both or none. @param {any} box */
export function showEdges(box) {
  const look = () => {
    const spare = box.scrollWidth - box.clientWidth;
    const sides = [box.scrollLeft > 1 ? 'left' : '', spare - box.scrollLeft > 1 ? 'right' : ''];
    setAttr(box, 'data-more', sides.filter(Boolean).join(' ') || undefined);
  };
  const observer = new ResizeObserver(look);
  observer.observe(box);
  box.addEventListener('scroll', look, { passive: true });
  return look;
}
