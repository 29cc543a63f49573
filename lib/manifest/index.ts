export { type Identity, identityOf, type Manifest, MANIFEST_FORMAT, type ManifestServer } from './format';
export { fetchManifest } from './place';
export { type LoadedManifest, parseManifest, readManifests, selectManifest } from './read';
export { type CodeBuildRunner, type FargateRunner, RUNNER_FORMAT, type RunnerDescription } from './runner';
export { fromTerraformTemplate, isUnresolved, manifestText, toTerraformTemplate } from './template';
