export { type Identity, identityOf, type Manifest, MANIFEST_FORMAT, type ManifestServer } from './format';
export { type LoadedManifest, parseManifest, readManifests, selectManifest } from './read';
export { fromTerraformTemplate, isUnresolved, manifestText, toTerraformTemplate } from './template';
