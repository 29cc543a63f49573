import type { Mutations } from '../support/mutations';
import { access } from './access';
import { constraints } from './constraints';
import { definitions } from './definitions';
import { library } from './library';
import { objects } from './objects';
import { partitions } from './partitions';
import { registry } from './registry';
import { roles } from './roles';
import { tables } from './tables';
import { undeclared } from './undeclared';

/** What can be changed by hand, by kind and property. */
export const mutations: Mutations = { ...roles, ...access, ...tables, ...constraints, ...definitions, ...library, ...objects, ...partitions, ...registry, ...undeclared };
