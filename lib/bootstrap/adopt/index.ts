export { adopt, type Adoption, type AdoptOptions } from './adopt';
export { type AdoptFinding, SEVERITIES, type Severity } from './finding';
export { type AdoptStep, type AdoptWay, scriptOf } from './step';
