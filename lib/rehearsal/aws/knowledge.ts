import type { Knowledge } from '../provider/knowledge';
import data from './knowledge.json';

/** What is known of the resource types of hashicorp/aws beyond the bindings; each entry names the file of the provider's source that it was read from. */
export const AWS_KNOWLEDGE = data as unknown as Knowledge;
