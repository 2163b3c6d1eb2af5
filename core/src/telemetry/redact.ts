/**
 * Takes secrets out of text for the log. The text of an error is written by whoever throws it, and quotes
 * addresses, headers and bodies; what looks like a credential there is replaced. A last net, not a licence:
 * our own errors hold no secrets.
 *
 * @see {@link https://cheatsheetseries.owasp.org/cheatsheets/Logging_Cheat_Sheet.html#data-to-exclude OWASP, data to exclude}
 * @module
 */

/** Longer texts are cut before they are searched. */
const maxLength = 16_384;

/** What stands for a secret. */
const redacted = '[redacted]';

/** A word of at most this many characters may stand around the telling part of a name, as in `x-refresh-token-id`. */
const around = '[\\w-]{0,40}';
const telling =
  'token|secret|passw(?:or)?d|passphrase|api[-_]?key|credential|session|refresh|assertion|verifier|signature|csrf';
const value = `"(?:[^"\\\\]|\\\\.)*"?|'(?:[^'\\\\]|\\\\.)*'?|[^\\s,;&"')}\\]]+`;

/** In this order: whole header lines first, so that no half of one is left. */
const patterns: readonly (readonly [RegExp, string])[] = [
  [
    /(?<![\w-])((?:proxy-)?authorization|(?:set-)?cookie|dpop)(["']?\s*[:=]\s*["']?)[^\r\n"'}]+/gi,
    `$1$2${redacted}`,
  ],
  [/\b(bearer|basic|dpop)\s+[\w.~+/-]+=*/gi, `$1 ${redacted}`],
  [/(?<![\w-])ey[JI][\w-]{4,}(?:\.[\w-]*){0,4}/g, redacted],
  [/\b(bffk_[a-z\d]{2,16}_[\dA-Za-z]{12}_)[\dA-Za-z]+/g, `$1${redacted}`],
  [/(?<![\w-])((?:whsec|[sr]k|xox[abp]|gh[opsu])[_-])[\w-]{8,}/g, `$1${redacted}`],
  [/(:\/\/)[^\s/?#@]+@/g, `$1${redacted}@`],
  // Elsewhere these words name what everybody may know, such as ECONNREFUSED.
  [/([?&](?:code|state|nonce|sid|key)=)[^\s&#"']+/gi, `$1${redacted}`],
  [new RegExp(`(?<![\\w-])(sid|nonce|otp)(["']?\\s*[:=]\\s*)(?:${value})`, 'gi'), `$1$2${redacted}`],
  [
    new RegExp(`(?<![\\w-])(${around}?(?:${telling})${around})(["']?\\s*[:=]\\s*)(?:${value})`, 'gi'),
    `$1$2${redacted}`,
  ],
  [/-----BEGIN [A-Z ]+-----[\s\S]*?(?:-----END [A-Z ]+-----|$)/g, redacted],
];

/** The text without what looks like a credential. */
export function redact(text: string): string {
  let clean = text.slice(0, maxLength);
  for (const [pattern, replacement] of patterns) clean = clean.replaceAll(pattern, replacement);
  return clean;
}
