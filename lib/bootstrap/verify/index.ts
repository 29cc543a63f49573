export { ATTACKS } from './attacks/registry';
export type { AcceptedRisk, AttackMode, AttackResult, Evidence, EvidenceSummary, TenantClass, Verdict } from './evidence';
export { verify, type VerifyOptions } from './verify';
