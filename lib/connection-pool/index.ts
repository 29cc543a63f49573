export { ConnectionPool, type ConnectionPoolProps } from './connection-pool';
export type { ConnectionPoolAttributes, IConnectionPool, PoolSecret } from './connection-pool-ref';
export { type IamPoolAuthProps, PoolAuth } from './pool-auth';
