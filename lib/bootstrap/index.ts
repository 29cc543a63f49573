export { apply, type ApplyOptions, type ApplyResult } from './apply/apply';
export { addTenant, type NewTenant } from './tenants/add';
export { parseDatabaseUrl } from './connect/database-url';
export { connect, isLocal, type ServerAccess } from './connect/server-access';
export type { Change, Difference, Finding, Hazard, Lock, Refusal, Stage } from './plan/difference';
export { plan, type Plan } from './plan/plan';
export { type AttackResult, type Evidence, type EvidenceSummary, type Verdict, verify, type VerifyOptions } from './verify';
