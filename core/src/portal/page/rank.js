/** How well an entry is what somebody means. Every word must be in it; titles count more than texts. */
const most = 12;
const weights = { error: 6, operation: 5, guide: 4, version: 3, field: 0 };

export function words(text) {
  return text
    .toLowerCase()
    .split(/[\s/{}]+/)
    .filter((word) => word !== '');
}

/** The best entries, best first. */
export function find(entries, wanted) {
  if (wanted.length === 0) return [];
  return entries
    .map((entry) => [entry, score(entry, wanted)])
    .filter(([, points]) => points > 0)
    .sort(([, one], [, other]) => other - one)
    .slice(0, most)
    .map(([entry]) => entry);
}

function score([kind, title, place, , text], wanted) {
  let points = weights[kind];
  let isNamed = kind !== 'field'; // a field is found by its own name, and by what is said of it
  for (const word of wanted) {
    const inTitle = inText(title, word);
    const best = Math.max(inTitle * 10, inText(place, word) * 3, inText(text, word));
    if (best === 0) return 0;
    isNamed ||= inTitle > 0 || inText(text, word) > 1;
    points += best;
  }
  if (!isNamed) return 0;
  return title.toLowerCase() === wanted.join(' ') ? points + 30 : points;
}

/** 3 for a whole word, 2 for the beginning of one or another form of it, 1 for any part of at least three letters. */
function inText(text, word) {
  const lower = text.toLowerCase();
  const stem = word.length > 4 ? word.replace(/(?:ies|y|es|s|ing|ed)$/, '') : word;
  if (!lower.includes(stem)) return 0;
  const parts = lower.split(/[^a-z0-9]+/);
  if (lower === word || parts.includes(word)) return 3;
  if (parts.some((part) => part.startsWith(stem)) || lower.startsWith(word)) return 2;
  return word.length >= 3 && lower.includes(word) ? 1 : 0;
}
