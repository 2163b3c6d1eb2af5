import { createHmac, timingSafeEqual } from 'node:crypto';
import { text } from 'node:stream/consumers';

interface Signed {
  id: string; // webhook-id
  timestamp: string; // webhook-timestamp
  signature: string; // webhook-signature
}

/** Whether we sent `body`, unchanged and within the last five minutes. */
function verify(
  secret: string,
  { id, timestamp, signature }: Signed,
  body: string,
): boolean {
  const age = Math.abs(Date.now() / 1_000 - Number(timestamp));
  if (!(age <= 300)) return false;
  const key = Buffer.from(secret.replace(/^whsec_/, ''), 'base64');
  const expected = createHmac('sha256', key)
    .update(`${id}.${timestamp}.${body}`)
    .digest();
  return signature.split(' ').some((each) => {
    const [version, value = ''] = each.split(',');
    const given = Buffer.from(value, 'base64');
    return (
      version === 'v1' &&
      given.length === expected.length &&
      timingSafeEqual(given, expected)
    );
  });
}

// In a server these are headers of the request, and the body as it came, before any parsing.
const {
  WEBHOOK_SECRET = '',
  WEBHOOK_ID = '',
  WEBHOOK_TIMESTAMP = '',
  WEBHOOK_SIGNATURE = '',
} = process.env;
const headers = {
  id: WEBHOOK_ID,
  timestamp: WEBHOOK_TIMESTAMP,
  signature: WEBHOOK_SIGNATURE,
};
const isValid = verify(WEBHOOK_SECRET, headers, await text(process.stdin));
console.log(isValid ? 'valid' : 'not valid');
process.exitCode = isValid ? 0 : 1;
