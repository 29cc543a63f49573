import { inspect } from 'node:util';
import { describe, expect, it, onTestFinished } from 'vitest';
import { Complaints, formatComplaint, TenantryError } from '../../lib/core';

const COMPLAINT = { code: 'ha-cluster/failover-not-kept', at: 'production-data/Cluster', problem: 'It is 60 seconds.\n  at one/or/the/other', fix: 'Add a reader.', source: 'AWS, Aurora fault tolerance' };
const OTHER = { code: 'network/too-small', problem: 'It is too small.' };

function thrown(run: () => void): TenantryError {
  try {
    run();
  } catch (error) {
    if (TenantryError.is(error)) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}

/** As a construct does: the frames of the library lie below that of the user. */
const collected = (): TenantryError => thrown(() => {
  const complaints = new Complaints();
  complaints.add(COMPLAINT);
  complaints.add(OTHER);
  complaints.throwIfAny('refused');
});

describe('the text of a complaint', () => {
  it('ends with the source, and with the command where more is explained', () => {
    expect(formatComplaint(COMPLAINT)).toBe(`ha-cluster/failover-not-kept  at production-data/Cluster

  It is 60 seconds.
    at one/or/the/other

  Add a reader.

  Source: AWS, Aurora fault tolerance · tenantry explain ha-cluster/failover-not-kept`);
    expect(formatComplaint({ ...COMPLAINT, source: undefined, fix: undefined, at: undefined })).toBe('ha-cluster/failover-not-kept\n\n  It is 60 seconds.\n    at one/or/the/other\n\n  tenantry explain ha-cluster/failover-not-kept');
    expect(formatComplaint({ ...OTHER, source: 'AWS' })).toBe('network/too-small\n\n  It is too small.\n\n  Source: AWS');
    expect(formatComplaint(OTHER)).toBe('network/too-small\n\n  It is too small.');
  });
});

describe('an error that nobody catches', () => {
  it('is printed once, with one frame: where the user called', () => {
    const error = collected();
    const [frame = '', ...rest] = inspect(error).slice(`TenantryError: ${error.message}\n`.length).split('\n');
    expect(inspect(error).startsWith(`TenantryError: ${error.message}\n`)).toBe(true);
    expect(frame).toMatch(/^ {4}at .*test\/core\/errors\.test\.ts:\d+:\d+\)?$/);
    expect(rest).toEqual([]);
  });

  it('has its frame in the library where there is none of the user, and leaves Node.js as it was', async () => {
    const { stackTraceLimit } = Error;
    Error.stackTraceLimit = 7;
    onTestFinished(() => void (Error.stackTraceLimit = stackTraceLimit));
    const complaints = new Complaints();
    complaints.add(OTHER);
    // Called by Node.js itself, so that nothing of this file lies below.
    const error = await new Promise<Error>((done) => void Promise.resolve<'failed'>('failed').then(complaints.throwIfAny.bind(complaints)).catch(done));
    expect(error.stack?.slice(`TenantryError: ${error.message}\n`.length)).toMatch(/^ {4}at .*lib\/core\/errors\.ts:\d+:\d+\)?$/);
    expect(Error.stackTraceLimit).toBe(7);
  });

  it('still says what it holds', () => {
    const error = collected();
    expect({ name: error.name, kind: error.kind, code: error.code, complaints: error.complaints }).toEqual({ name: 'TenantryError', kind: 'refused', code: 'ha-cluster/failover-not-kept', complaints: [COMPLAINT, OTHER] });
    expect(Object.keys(error)).toEqual([]);
    expect(new TenantryError('failed', OTHER, { cause: error }).cause).toBe(error);
  });

  it('is known as one of another copy of the package', () => {
    const other = Object.assign(new Error('x'), { name: 'TenantryError', complaints: [OTHER] });
    expect([TenantryError.is(other), TenantryError.is(new Error('x')), TenantryError.is({ ...other })]).toEqual([true, false, false]);
  });
});
