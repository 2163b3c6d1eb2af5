/** The console of an operation. The key stays in this page, or in this tab when that is wanted, and in one header. */
import { showAnswer, showFailure } from './answer.js';
import { curlOf, Incomplete, requestOf } from './request.js';

const place = 'docs-test-key';

export function openConsole() {
  for (const form of document.querySelectorAll('[data-try-it]')) prepare(form);
}

function prepare(form) {
  const { key, remember } = form.elements;
  const fresh = form.querySelector('[data-fresh]');
  const again = form.querySelector('[data-again]');
  const cancel = form.querySelector('[data-cancel]');
  const send = form.querySelector('.send');
  const complaint = form.querySelector('.try-error');
  const curl = form.querySelector('[data-curl]');
  let running;
  let sentKey;

  const stored = keep(() => sessionStorage.getItem(place));
  if (stored) {
    key.value = stored;
    remember.checked = true;
  }
  const store = () =>
    keep(() =>
      remember.checked && key.value !== ''
        ? sessionStorage.setItem(place, key.value.trim())
        : sessionStorage.removeItem(place),
    );
  const showCurl = () => {
    curl.textContent = curlOf(form);
  };
  const say = (text) => {
    complaint.textContent = text;
    complaint.hidden = text === '';
  };

  const run = async () => {
    let request;
    try {
      request = requestOf(form);
    } catch (fault) {
      if (!(fault instanceof Incomplete)) throw fault;
      say(fault.message);
      fault.field?.focus();
      return;
    }
    say('');
    store();
    showCurl();
    sentKey = fresh?.value;
    running?.abort();
    running = new AbortController();
    const { signal } = running;
    for (const button of [send, again]) if (button !== null) button.disabled = true;
    cancel.hidden = false;
    const began = performance.now();
    try {
      const response = await fetch(request.url, { ...request.init, signal });
      const text = await response.text();
      showAnswer(form, response, text, performance.now() - began);
    } catch (thrown) {
      showFailure(form, signal.aborted ? 'Cancelled.' : `There was no answer: ${thrown.message}`);
    } finally {
      for (const button of [send, again]) if (button !== null) button.disabled = false;
      cancel.hidden = true;
      if (again !== null) again.hidden = false; // also without an answer: it may have been done
    }
  };

  form.addEventListener('submit', (event) => {
    event.preventDefault();
    if (fresh !== null && fresh.value === sentKey) fresh.value = uuid(); // another request has another key
    void run();
  });
  form.addEventListener('input', showCurl);
  remember.addEventListener('change', store);
  again?.addEventListener('click', () => void run());
  cancel.addEventListener('click', () => running?.abort());
  if (fresh !== null) fresh.value = uuid();
  showCurl();
}

function uuid() {
  if (crypto.randomUUID !== undefined) return crypto.randomUUID(); // not on plain http of another machine
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) =>
    byte.toString(16).padStart(2, '0'),
  ).join('');
}

/** Storage may be forbidden. */
function keep(work) {
  try {
    return work();
  } catch {
    return null;
  }
}
