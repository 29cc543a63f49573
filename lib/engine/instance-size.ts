import { type Complaint, refuse, TenantryError } from '../core/errors';
import { checkShape, text } from '../core/shape';
import { codeOf, shown } from '../core/shown';
import { Size } from '../core/size';
import { count, listOf, nearest } from '../core/text';
import { holdsToken } from '../core/tokens';
import { CATALOGUE, catalogued, CATALOGUE_SOURCE, obstacle, offered, takesInsights } from './instance-classes/catalogue';
import type { CatalogueClass, InstanceUse } from './instance-classes/family';
import { CONNECTIONS_SOURCE, defaultMaxConnections, reservedConnections } from './max-connections';
import { instanceHardware, instanceRequirements } from './shape';
import type { SizedEngine } from './sized-engine';

export type { InstanceUse } from './instance-classes/family';

/** A class of instances with one engine. */
export interface InstanceClass {
  /** `db.r8g.2xlarge`. */
  readonly name: string;
  readonly vcpu: number;
  readonly memory: Size;
  /** The default of `max_connections`, or up to a tenth less: AWS does not name the memory that it follows from. */
  readonly maxConnections: number;
  /** Runs on credits, and is slow when they are used up: not for production. */
  readonly burstable: boolean;
  /** Whether Database Insights and Performance Insights work on it. */
  readonly insights: boolean;
}

/** How large an instance is; which class that becomes depends on the engine. */
export interface InstanceSize {
  /**
   * The class with this engine. Refuses one that the engine or the topology does not take.
   *
   * @param use - @default `aurora` with an engine of Aurora, else `multi-az-instance`, which takes what a single instance takes
   * @param at - path of the construct, for the error
   */
  resolve(engine: SizedEngine, use?: InstanceUse, at?: string): InstanceClass;
  /** `InstanceSize.of('db.r8g.large')`: what a user types. */
  toCode(): string;
}

/** Hardware of a class that the catalogue does not know yet; as AWS describes it. */
export interface InstanceHardware {
  readonly vcpu: number;
  readonly memory: Size;
}

export interface InstanceRequirementsProps {
  /** @default - any number */
  readonly vcpu?: number;
  /** @default - any size */
  readonly memory?: Size;
  /** Connections of clients to one instance by the default of `max_connections`, without those that the engine keeps for itself. @default - any number */
  readonly connections?: number;
  /** The oldest generation that will do: 7 takes r7g, r7i, r8g …; `x2` counts as 2. @default - any */
  readonly generation?: number;
  /** Whether classes that run on credits will do; production refuses them. @default false */
  readonly burstable?: boolean;
}

const NAME = /^db\.[a-z][a-z0-9-]*\.[a-z0-9]+$/;
const EXAMPLE = "InstanceSize.of('db.x9g.large', { vcpu: 2, memory: Size.gibibytes(32) })";

export const InstanceSize = {
  /**
   * This class, for instance `db.r8g.2xlarge`.
   *
   * @param hardware - of a class that is newer than the catalogue: limits and thresholds come from it, and what takes it is not judged
   */
  of(name: string, hardware?: InstanceHardware): InstanceSize {
    refuse([...checkShape(text, name, shapeOf('of')), ...(hardware === undefined ? [] : checkShape(instanceHardware, hardware, shapeOf('of')))]);
    const known = checked(name, hardware);
    return {
      toCode: () => `InstanceSize.of(${[name, ...(hardware === undefined ? [] : [hardware])].map(codeOf).join(', ')})`,
      resolve: (engine, use = useOf(engine), at) => {
        if (known === undefined) return measured(name, hardware as InstanceHardware, engine);
        const problem = obstacle(known, engine, use);
        if (problem !== undefined) throw new TenantryError('input', { code: 'engine/instance-class-not-offered', ...where(at), problem: `${capital(problem)}.`, ...instead(known, engine, use), source: CATALOGUE_SOURCE });
        return inCatalogue(known, engine);
      },
    };
  },

  /**
   * The smallest class that has all of this: the least memory; of those with the same, the newest generation, then the fewest vCPU, Graviton before Intel. A release of this
   * library that knows newer classes may choose another one, and a change of class restarts instances: write the class down where that must not happen.
   */
  atLeast(requirements: InstanceRequirementsProps): InstanceSize {
    refuse(checkShape(instanceRequirements, requirements, shapeOf('atLeast')));
    refuse(checkRequirements(requirements));
    return {
      toCode: () => `InstanceSize.atLeast(${codeOf(requirements)})`,
      resolve: (engine, use = useOf(engine), at) => {
        const candidates = offered(engine, use).filter(({ family }) => requirements.burstable === true || family.burstable !== true);
        const found = candidates.find((one) => REQUIREMENTS.every(({ met }) => met(one, requirements, engine)));
        if (found === undefined) throw new TenantryError('input', { ...where(at), ...nothing(requirements, candidates, engine) });
        return inCatalogue(found, engine);
      },
    };
  },
};

const shapeOf = (factory: string): { readonly module: string; readonly at: string } => ({ module: 'engine', at: `InstanceSize.${factory}` });

/** Classes that this engine takes for this use, the smallest first. */
export const instanceClasses = (engine: SizedEngine, use: InstanceUse = useOf(engine)): InstanceClass[] => offered(engine, use).map((one) => inCatalogue(one, engine));

const useOf = ({ storage }: SizedEngine): InstanceUse => (storage === 'aurora' ? 'aurora' : 'multi-az-instance');
const where = (at: string | undefined): Pick<Complaint, 'at'> => (at === undefined ? {} : { at });
const capital = (text: string): string => (/^db\./.test(text) ? text : text.charAt(0).toUpperCase() + text.slice(1));
const number = (n: number): string => n.toLocaleString('en-US');

function checked(name: string, hardware: InstanceHardware | undefined): CatalogueClass | undefined {
  const code = 'engine/instance-class';
  if (holdsToken(name)) {
    throw new TenantryError('input', { code: 'engine/instance-class-unknown', problem: 'The class of instances is a value that only Terraform knows, and limits of connections and thresholds of alarms follow from it at synthesis.', fix: 'Give the class as text, from the data of the environment for instance.' });
  }
  if (name === 'db.serverless') throw new TenantryError('input', { code, problem: '"db.serverless" is no size: it needs a range of capacity.', fix: 'Topology.aurora({ readers: 1, serverless: { minimum: 0.5, maximum: 8 } })' });
  const known = catalogued(name);
  if (known === undefined && (hardware === undefined || !NAME.test(name))) {
    const near = nearest(name, CATALOGUE.map((one) => one.name));
    throw new TenantryError('input', {
      code, problem: NAME.test(name) ? `${JSON.stringify(name)} is not in the catalogue of instance classes.` : `${JSON.stringify(name)} is not the name of an instance class.`,
      fix: [...(near === undefined ? [] : [`Did you mean ${JSON.stringify(near)}?`]), `A class that is newer than the catalogue needs its hardware:   ${EXAMPLE}`].join('\n'), source: CATALOGUE_SOURCE,
    });
  }
  if (hardware !== undefined) checkHardware(name, hardware, known);
  return known;
}

function checkHardware(name: string, { vcpu, memory }: InstanceHardware, known: CatalogueClass | undefined): void {
  const code = 'engine/instance-hardware';
  if (known !== undefined && (known.vcpu !== vcpu || known.memory.toBytes() !== memory.toBytes())) {
    throw new TenantryError('input', { code, problem: `${name} is given ${count(vcpu, 'vCPU', 'vCPU')} and ${memory}, but it has ${known.vcpu} and ${known.memory}.`, fix: `Leave the hardware out:   InstanceSize.of('${name}')`, source: CATALOGUE_SOURCE });
  }
  if (!Number.isInteger(vcpu) || vcpu < 1 || holdsToken(vcpu) || memory.toBytes() === 0) {
    throw new TenantryError('input', { code, problem: `${name} is given ${holdsToken(vcpu) ? 'a number of vCPU that only Terraform knows' : `${shown(vcpu)} vCPU`} and ${memory}; whole vCPU from 1 and some memory are needed, at synthesis.`, fix: `As AWS describes the class:   ${EXAMPLE}` });
  }
}

const measured = (name: string, { vcpu, memory }: InstanceHardware, engine: SizedEngine): InstanceClass =>
  ({ name, vcpu, memory, maxConnections: defaultMaxConnections(engine, memory), burstable: /^db\.t\d/.test(name), insights: true });

const inCatalogue = (one: CatalogueClass, engine: SizedEngine): InstanceClass =>
  ({ ...measured(one.name, one, engine), burstable: one.family.burstable === true, insights: takesInsights(one, engine) });

/** The class with at least the same hardware that is taken. */
function instead({ vcpu, memory, family }: CatalogueClass, engine: SizedEngine, use: InstanceUse): Pick<Complaint, 'fix'> {
  const fits = offered(engine, use).find((one) => one.vcpu >= vcpu && !one.memory.isSmallerThan(memory) && (family.burstable === true || one.family.burstable !== true));
  return fits === undefined ? {} : { fix: `The smallest that is as large:   InstanceSize.of('${fits.name}')` };
}

interface Requirement {
  readonly name: 'vcpu' | 'memory' | 'connections' | 'generation';
  met(one: CatalogueClass, wanted: InstanceRequirementsProps, engine: SizedEngine): boolean;
  /** What is wanted, and the most there is. */
  text(wanted: InstanceRequirementsProps, all: readonly CatalogueClass[], engine: SizedEngine): string;
}

const clientsOf = ({ memory }: CatalogueClass, engine: SizedEngine): number => defaultMaxConnections(engine, memory) - reservedConnections(engine);
const most = (all: readonly CatalogueClass[], of: (one: CatalogueClass) => number): number => Math.max(0, ...all.map(of));

const REQUIREMENTS: readonly Requirement[] = [
  { name: 'vcpu', met: (one, { vcpu = 0 }) => one.vcpu >= vcpu, text: ({ vcpu = 0 }, all) => `vcpu is ${number(vcpu)}, and the largest has ${most(all, (one) => one.vcpu)}` },
  { name: 'memory', met: (one, { memory }) => memory === undefined || !one.memory.isSmallerThan(memory), text: ({ memory }, all) => `memory is ${memory}, and the largest has ${Size.gibibytes(most(all, (one) => one.memory.toGibibytes()))}` },
  {
    name: 'connections', met: (one, { connections = 0 }, engine) => clientsOf(one, engine) >= connections,
    text: ({ connections = 0 }, all, engine) => `connections is ${number(connections)}, and by the engine's default clients have ${number(most(all, (one) => clientsOf(one, engine)))} at most`,
  },
  { name: 'generation', met: ({ family }, { generation = 0 }) => family.generation >= generation, text: ({ generation = 0 }, all) => `generation is ${generation}, and the newest is ${most(all, ({ family }) => family.generation)}` },
];

function nothing(wanted: InstanceRequirementsProps, candidates: readonly CatalogueClass[], engine: SizedEngine): Complaint {
  const failing = REQUIREMENTS.filter(({ met }) => !candidates.some((one) => met(one, wanted, engine)));
  const given = REQUIREMENTS.filter(({ name }) => wanted[name] !== undefined).map(({ name }) => name);
  const ways = failing.some(({ name }) => name === 'connections') ? ['share connections between clients with a ConnectionPool'] : [];
  return {
    code: 'engine/instance-size',
    problem: failing.length > 0
      ? `No class of ${engine.label} is that large: ${failing.map(({ text }) => text(wanted, candidates, engine)).join('; ')}.`
      : `No class of ${engine.label} has ${listOf(given)} together, though there is one for each.`,
    fix: `${capital(listOf(['Lower what cannot be had', ...ways], 'or'))}.`,
    source: failing.some(({ name }) => name === 'connections') ? CONNECTIONS_SOURCE[engine.storage] : CATALOGUE_SOURCE,
  };
}

function checkRequirements(wanted: InstanceRequirementsProps): Complaint[] {
  const code = 'engine/instance-requirements';
  if (REQUIREMENTS.every(({ name }) => wanted[name] === undefined)) return [{ code, problem: 'InstanceSize.atLeast names nothing that the class must have.', fix: 'For instance InstanceSize.atLeast({ vcpu: 4, memory: Size.gibibytes(32) })' }];
  return (['vcpu', 'connections', 'generation'] as const).flatMap((name): Complaint[] => {
    const value = wanted[name];
    if (value === undefined || (Number.isInteger(value) && value >= 1 && !holdsToken(value))) return [];
    return [{ code, problem: `${name} is ${holdsToken(value) ? 'a number that only Terraform knows, and the class is chosen at synthesis' : `${shown(value)}; whole numbers from 1 are allowed`}.`, fix: 'Give the number itself.' }];
  });
}
