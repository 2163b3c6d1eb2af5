/** What a command was refused or could not reach; printed without the help, exit code 1. */
export class CommandFailed extends Error {
  override readonly name = 'CommandFailed';
}
