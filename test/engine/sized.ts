import type { SizedEngine } from '../../lib/engine/sized-engine';

const engine = (name: string, label: string, language: SizedEngine['language'], storage: SizedEngine['storage'], major: string) =>
  (version = major): SizedEngine => ({ name, label, version, language, storage });

/** The four engines that sizes are sold for, as the registry describes them. */
export const auroraPostgresql = engine('aurora-postgresql', 'Aurora PostgreSQL', 'postgresql', 'aurora', '17');
export const auroraMysql = engine('aurora-mysql', 'Aurora MySQL', 'mysql', 'aurora', '8.0');
export const rdsPostgresql = engine('postgres', 'RDS PostgreSQL', 'postgresql', 'rds', '17');
export const rdsMysql = engine('mysql', 'RDS MySQL', 'mysql', 'rds', '8.4');
