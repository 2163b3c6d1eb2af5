/**
 * Where the example files of the guides are.
 *
 * @module
 */
import { fileURLToPath } from 'node:url';

/** The routes file of the guide: what a team that comes from Kong would write. */
export const kongRoutes = fileURLToPath(new URL('../../docs/examples/routes.yaml', import.meta.url));
