import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

const read = (path: string): string => readFileSync(join(__dirname, '..', '..', path), 'utf8');
const readme = read('lib/ha-cluster/README.md');
/** The rows of a table below a text of the README, cell by cell. */
const rowsBelow = (text: string): string[][] => (/\n\|[-|]+\|\n((?:\|.*\|\n)+)/.exec(readme.slice(readme.indexOf(text)))?.[1] ?? '').trim().split('\n').map((row) => row.slice(1, -1).split(/ \| ?/).map((cell) => cell.trim()));
const codes = (cell = ''): string[] => [...cell.matchAll(/`([^`]+)`/g)].map(([, code]) => code as string);

describe('the README of HaCluster', () => {
  it('names every property', () => {
    const declared = [['lib/ha-cluster/ha-cluster-props.ts', 'HaClusterProps'], ['lib/ha-cluster/monitoring.ts', 'MonitoringProps']].flatMap(([file = '', name = '']) =>
      [...(new RegExp(`export interface ${name} [^]*?\n}`).exec(read(file))?.[0] ?? '').matchAll(/^ {2}readonly (\w+)\??:/gm)].map(([, property]) => property as string));
    expect(declared.length).toBeGreaterThan(20);
    expect(rowsBelow('## All properties').flatMap(([property]) => codes(property)).sort()).toEqual([...declared].sort());
  });

  it('says of what replaces the database the argument that does', () => {
    const knowledge = JSON.parse(read('lib/rehearsal/aws/knowledge.json')) as Record<string, { args: Record<string, { forceNew?: boolean }> }>;
    const replaces = (argument: string): boolean => ['aws_rds_cluster', 'aws_db_instance'].some((type) => knowledge[type]?.args[argument]?.forceNew === true);
    const said = rowsBelow('**Replaces the database**').flatMap(([, argument]) => codes(argument));
    expect(said).toEqual(['kms_key_id', 'master_username', 'username', 'engine', 'cluster_identifier', 'db_subnet_group_name', 'storage_type', 'engine']);
    // Of a Multi-AZ DB cluster alone, by a rule of the provider.
    expect(said.filter((argument) => !replaces(argument))).toEqual(['storage_type']);
    // An instance keeps its data under another name and in another subnet group.
    expect(['identifier', 'db_subnet_group_name'].filter((argument) => knowledge['aws_db_instance']?.args[argument]?.forceNew === true)).toEqual([]);
  });
});
