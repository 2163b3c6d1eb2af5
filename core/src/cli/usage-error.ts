/** What the person at the keyboard can mend; printed with the help, exit code 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}
