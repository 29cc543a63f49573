export { enforcePolicies, type EnforcePoliciesOptions, synthesizedStacks } from './enforce';
export { judge, type Report, type Reported } from './judge';
export { standard } from './packs/standard';
export { type Finding, type Judgement, type Rule, type Unknown, type Verdict, verdictOf } from './rule';
export { type Known, type StackResource, SynthesizedStack } from './stack';
export type { Waiver } from './waiver';
