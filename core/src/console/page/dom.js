/**
 * Making and changing elements. Text goes in as text only; there is no way here to parse markup.
 *
 * @module
 */
const svgNamespace = 'http://www.w3.org/2000/svg';

/**
 * @typedef {string | number | null | undefined | false | Node} Child
 * @typedef {Record<string, unknown>} Props
 */

/**
 * An element of HTML.
 *
 * @param {string} tag
 * @param {Props} [props] Attributes; `on` holds listeners, `false` and `undefined` leave an attribute out.
 * @param {...(Child | Child[])} children
 * @returns {any}
 */
export function h(tag, props = {}, ...children) {
  return fill(document.createElement(tag), props, children);
}

/**
 * An element of SVG.
 *
 * @param {string} tag
 * @param {Props} [props]
 * @param {...(Child | Child[])} children
 * @returns {any}
 */
export function s(tag, props = {}, ...children) {
  return fill(document.createElementNS(svgNamespace, tag), props, children);
}

/** @param {any} element @param {Props} props @param {(Child | Child[])[]} children */
function fill(element, props, children) {
  for (const [name, value] of Object.entries(props)) {
    if (name === 'on') {
      for (const [event, listener] of Object.entries(/** @type {any} */ (value)))
        element.addEventListener(event, listener);
    } else setAttr(element, name, value);
  }
  append(element, children);
  return element;
}

/** @param {any} element @param {(Child | Child[])[]} children */
function append(element, children) {
  for (const child of children.flat()) {
    if (child === null || child === undefined || child === false) continue;
    element.append(child instanceof Node ? child : String(child));
  }
}

/** Sets an attribute, where it has changed. @param {any} element @param {string} name @param {unknown} value */
export function setAttr(element, name, value) {
  if (value === false || value === undefined || value === null) {
    if (element.hasAttribute(name)) element.removeAttribute(name);
    return;
  }
  const text = value === true ? '' : String(value);
  if (element.getAttribute(name) !== text) element.setAttribute(name, text);
}

/** Sets the text, where it has changed. @param {any} element @param {unknown} text */
export function setText(element, text) {
  const next = String(text);
  if (element.textContent !== next) element.textContent = next;
}

/** @param {any} element @param {...(Child | Child[])} children */
export function replace(element, ...children) {
  element.replaceChildren();
  append(element, children);
}

/** Says something to those who listen to the page. @param {string} text */
export function announce(text) {
  const place = document.getElementById('announcer');
  if (place) place.textContent = text;
}
