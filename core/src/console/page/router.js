/**
 * Where the page is, kept in the hash so that every place has a link: `#/SCOPE/VIEW/ARGUMENT`.
 *
 * @module
 */

/** @typedef {{ scope: string, view: string, arg: string, part: string }} Place */

/** @param {string} scope @param {string} view @param {string} [arg] @param {string} [part] */
export function linkTo(scope, view, arg = '', part = '') {
  return `#/${[scope, view, arg, part]
    .filter((text, index) => index < 2 || text !== '')
    .map(encodeURIComponent)
    .join('/')}`;
}

/** @returns {Place} */
export function placeNow() {
  const [scope = 'all', view = 'overview', arg = '', part = ''] = location.hash
    .replace(/^#\/?/, '')
    .split('/')
    .map(decode);
  return { scope: scope || 'all', view: view || 'overview', arg, part };
}

/** @param {string} text */
function decode(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return '';
  }
}
