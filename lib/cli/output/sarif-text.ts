import { isAbsolute, relative, sep } from 'node:path';
import { isPlaceInAws } from '../../manifest/place';

/** A message that says just this: in SARIF `{0}` is a placeholder and `[text](address)` a link (3.11.5 and 3.11.6 of the specification), and the name of a table could look like either. */
export const plain = (text: string): string => text.replace(/[{}]/g, '$&$&').replaceAll('](', '] (');

const LONGEST = 1000;

/** A remedy may name thousands of databases. */
export const shortened = (text: string): string => (text.length <= LONGEST ? text : `${text.slice(0, LONGEST)} … (the evidence has all of it)`);

/**
 * The manifest as an address relative to the working directory, which is that of the repository: nothing else can be shown beside its files. A place in AWS
 * gives its path, without the account, bucket and version; a file outside of the directory gives its name, so that the address is the same on every machine.
 */
export function artifactUri(manifest: string): string {
  return pathOf(manifest).split('/').filter((part) => part !== '' && part !== '.').map(encodeURIComponent).join('/');
}

function pathOf(manifest: string): string {
  if (isPlaceInAws(manifest)) return manifest.replace(/\?.*$/s, '').replace(/^s3:\/\/[^/]*\//, '').replace(/^ssm:(arn:.*?:parameter(?=\/))?/, '');
  const path = (isAbsolute(manifest) ? relative(process.cwd(), manifest) : relative('.', manifest)).split(sep).join('/');
  return path.startsWith('../') || isAbsolute(path) ? path.slice(path.lastIndexOf('/') + 1) : path;
}
