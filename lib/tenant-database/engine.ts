import type { Construct } from 'constructs';
import { TenantryError } from '../core/errors';
import { Engine } from '../engine/engine';
import type { IHaCluster } from '../ha-cluster/ha-cluster-ref';

/**
 * Tenants are kept apart by roles and policies of PostgreSQL. An engine that is not registered, or that only Terraform knows, is not judged here: the bootstrap refuses
 * a server that is not PostgreSQL.
 *
 * @throws TenantryError (`input`)
 */
export function refuseOtherEngines(scope: Construct, { engineName, node }: IHaCluster): void {
  const language = Engine.languageOf(engineName);
  if (language === undefined || language === 'postgresql') return;
  throw new TenantryError('input', {
    code: 'tenant-database/engine',
    at: scope.node.path,
    problem: `The cluster ${node.path} is ${engineName}, and a tenant database needs PostgreSQL: its roles and its row-level security keep the tenants apart.\nMySQL is infrastructure only for now.`,
    fix: "Give it a cluster of Engine.auroraPostgresql('17') or Engine.postgresql('17').",
  });
}
