export { type Cell, cellsOf } from './cells';
export { checkDriver, detectionOf, type DriverSettings, FAST_FAILOVER, jdbc, jvm, libpq, SLOWEST_DETECTION, sysctl } from './driver';
export { type Identity, identityOf, type Manifest, MANIFEST_FORMAT, type ManifestServer } from './format';
export { fetchManifest } from './place';
export { type LoadedManifest, parseManifest, readManifests, selectManifest } from './read';
export { type CodeBuildRunner, type FargateRunner, RUNNER_FORMAT, type RunnerDescription } from './runner';
export { fromTerraformTemplate, isUnresolved, manifestText, toTerraformTemplate } from './template';
