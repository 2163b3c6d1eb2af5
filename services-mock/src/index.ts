/**
 * The company behind the gateways, to be started inside a test or a launcher. For development only.
 *
 * @module
 */
export { type ListenerName, SERVICE_NAMES, type ServiceName } from './directory.ts';
export type { FaultControl, FaultTable } from './fault-board.ts';
export { FaultError } from './fault-units.ts';
export { PortTakenError } from './listen.ts';
export { type Issuer, mintToken, type TokenRequest } from './mint-token.ts';
export type { SeenRequest, ServiceStats } from './request-log.ts';
export { type Services, type StartOptions, startServices } from './start-services.ts';
