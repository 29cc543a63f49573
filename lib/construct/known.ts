import { Token } from 'cdktf';

/** Whether a value is given and already known at synthesis; what only Terraform knows cannot be checked here. */
export const isKnown = <T>(value: T | undefined): value is T => value !== undefined && !Token.isUnresolved(value) && !(typeof value === 'string' && value.includes('${'));

/** Whether a value is given, and only Terraform knows it. One that is not given is not this. */
export const isLeftToTerraform = (value: unknown): boolean => value !== undefined && !isKnown(value);
