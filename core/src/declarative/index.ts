/**
 * `bffkit/routes`: routes from a JSON or YAML file, and the JSON Schema of such files.
 *
 * @module
 */
export { type RoutesOptions, routesFromFile } from './routes.ts';
export { routesJsonSchema } from './schema.ts';
