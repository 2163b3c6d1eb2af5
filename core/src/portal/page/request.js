/** From the form of a console to a request of this origin, and to the line for curl. */

/** Something is missing or cannot be sent; `field` is where. */
export class Incomplete extends Error {
  constructor(message, field) {
    super(message);
    this.field = field;
  }
}

/** @throws {Incomplete} */
export function requestOf(form) {
  const { key } = form.elements;
  const credential = key.value.trim();
  if (form.dataset.needsKey === 'yes' && credential === '')
    throw new Incomplete('Enter a test key first.', key);
  if (credential !== '' && !credential.startsWith(form.dataset.keyPrefix))
    throw new Incomplete(
      `That is no test key: they begin with ${form.dataset.keyPrefix}. It was not sent.`,
      key,
    );
  const { path, headers } = partsOf(form, (field) => {
    if (field.dataset.required === 'yes' && field.value.trim() === '')
      throw new Incomplete(`${field.dataset.name} is required.`, field);
  });
  if (credential !== '') headers.authorization = `Bearer ${credential}`;
  const { body } = form.elements;
  if (body !== undefined) {
    try {
      JSON.parse(body.value);
    } catch (fault) {
      throw new Incomplete(`The body is not JSON: ${fault.message}`, body);
    }
    headers['content-type'] = 'application/json';
  }
  return {
    url: path,
    init: {
      method: form.dataset.method,
      headers,
      ...(body === undefined ? {} : { body: body.value }),
      credentials: 'omit',
      cache: 'no-store',
      redirect: 'manual',
      referrerPolicy: 'no-referrer',
    },
  };
}

/** The request with curl; the key stays out of it. */
export function curlOf(form) {
  const { path, headers } = partsOf(form, () => {});
  const { key, body } = form.elements;
  const { method, keyPrefix } = form.dataset;
  const lines = [`curl ${method === 'GET' ? '' : `-X ${method} `}${quoted(location.origin + path)}`];
  if (key.value !== '' || form.dataset.needsKey === 'yes')
    lines.push(`-H 'Authorization: Bearer ${keyPrefix}••••'`);
  for (const [name, value] of Object.entries(headers)) lines.push(`-H ${quoted(`${name}: ${value}`)}`);
  if (body !== undefined)
    lines.push(`-H 'Content-Type: application/json'`, `-d ${quoted(compact(body.value))}`);
  return lines.join(' \\\n  ');
}

function partsOf(form, check) {
  let { path } = form.dataset;
  const query = new URLSearchParams();
  const headers = {};
  for (const field of form.querySelectorAll('[data-in]')) {
    check(field);
    const { name } = field.dataset;
    const value = field.value.trim();
    if (field.dataset.in === 'path') path = path.replace(`{${name}}`, encodeURIComponent(value));
    else if (value === '') continue;
    else if (field.dataset.in === 'query') query.append(name, value);
    else headers[name] = value;
  }
  const text = query.toString();
  return { path: text === '' ? path : `${path}?${text}`, headers };
}

function compact(text) {
  try {
    return JSON.stringify(JSON.parse(text));
  } catch {
    return text;
  }
}

function quoted(text) {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
