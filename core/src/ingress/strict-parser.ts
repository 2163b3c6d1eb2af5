/**
 * Node's lenient parser accepts what request smuggling is made of. A process that was started with it
 * serves nothing.
 *
 * @see {@link https://nodejs.org/api/cli.html#--insecure-http-parser Node.js, --insecure-http-parser}
 * @module
 */
const lenient = /^--insecure[-_]http[-_]parser(?:=|$)/;

/**
 * Checks how the process was started; `serve` asks before it listens.
 *
 * @param execArgv Default the arguments of this process for Node.
 * @param nodeOptions Default the environment's `NODE_OPTIONS`.
 * @throws {RangeError} when the lenient parser was asked for.
 */
export function requireStrictParser(
  execArgv: readonly string[] = process.execArgv,
  nodeOptions: string = process.env.NODE_OPTIONS ?? '',
): void {
  const options = [...execArgv, ...nodeOptions.split(/[\s"]/)];
  if (options.some((option) => lenient.test(option))) {
    throw new RangeError('serve: Node runs with --insecure-http-parser; start it without');
  }
}
