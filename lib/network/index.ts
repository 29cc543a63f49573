export { DatabaseAccess, type DatabaseAccessProps } from './database-access';
export { DatabaseNetwork, type DatabaseNetworkProps } from './database-network';
export type { DatabaseNetworkAttributes, IDatabaseNetwork, NetworkServices } from './database-network-ref';
export { ENDPOINT_SERVICES, type EndpointService, IMAGE_ENDPOINTS, STANDARD_ENDPOINTS } from './endpoints';
export { NetworkSource } from './source';
