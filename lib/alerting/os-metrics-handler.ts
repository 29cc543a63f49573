import { OS_DIMENSION, OS_METRICS, OS_NAMESPACE } from './metric-names';

/** Unit and name of what is said of an instance. */
const UNITS: Readonly<Record<string, string>> = {
  [OS_METRICS.heartbeat]: 'Count', [OS_METRICS.cpu]: 'Percent', [OS_METRICS.ioWait]: 'Percent', [OS_METRICS.memory]: 'Bytes', [OS_METRICS.swap]: 'Bytes', [OS_METRICS.load]: 'None', [OS_METRICS.fileSystem]: 'Percent',
};

/**
 * The function that turns samples of enhanced monitoring into metrics, as Lambda runs it: plain JavaScript of Node.js without a package. It prints CloudWatch's
 * embedded metric format, from which CloudWatch Logs makes metrics of a resolution of one second; so it needs no right but to write its log, and no call to AWS.
 *
 * It writes to stdout, not by console.log: Lambda puts time, request and level before each line of that, and a document of the format has "no additional data at the
 * beginning or end".
 *
 * A sample that cannot be read is counted and loses nothing of the others. Nothing of a sample is printed but its instance and its numbers: the list of processes names users.
 *
 * Sources: CloudWatch, Specification: Embedded metric format. RDS, OS metrics in Enhanced Monitoring (memory and swap in kilobytes).
 */
export const OS_METRICS_HANDLER = `'use strict';
const { gunzipSync } = require('node:zlib');

const NAMESPACE = ${JSON.stringify(OS_NAMESPACE)};
const DIMENSION = ${JSON.stringify(OS_DIMENSION)};
const UNITS = ${JSON.stringify(UNITS)};
const KILOBYTE = 1024;
const IDENTIFIER = /^[A-Za-z][A-Za-z0-9-]{0,62}$/;

const isNumber = (value) => typeof value === 'number' && Number.isFinite(value);
const sum = (...values) => (values.every(isNumber) ? values.reduce((a, b) => a + b, 0) : undefined);
const kilobytes = (value) => (isNumber(value) ? value * KILOBYTE : undefined);

/** The numbers of one sample by the name of their metric; what it does not hold is left out. */
function valuesOf({ cpuUtilization = {}, memory = {}, swap = {}, loadAverageMinute = {}, numVCPUs, fileSys }) {
  const data = (Array.isArray(fileSys) ? fileSys : []).filter((one) => one && String(one.mountPoint).startsWith('/rdsdbdata') && isNumber(one.usedPercent));
  const values = {
    ${OS_METRICS.heartbeat}: 1,
    ${OS_METRICS.cpu}: cpuUtilization.total,
    ${OS_METRICS.ioWait}: cpuUtilization.wait,
    ${OS_METRICS.memory}: kilobytes(sum(memory.free, memory.cached, memory.buffers)),
    ${OS_METRICS.swap}: isNumber(swap.total) && isNumber(swap.free) ? kilobytes(swap.total - swap.free) : undefined,
    ${OS_METRICS.load}: numVCPUs > 0 && isNumber(loadAverageMinute.one) ? loadAverageMinute.one / numVCPUs : undefined,
    ${OS_METRICS.fileSystem}: data.length > 0 ? Math.max(...data.map((one) => one.usedPercent)) : undefined,
  };
  return Object.fromEntries(Object.entries(values).filter(([, value]) => isNumber(value)));
}

const metric = (Name, Unit, StorageResolution) => ({ Name, Unit, StorageResolution });
const ofAll = (Name, Unit) => ({ Namespace: NAMESPACE, Dimensions: [[]], Metrics: [metric(Name, Unit, 60)] });

/** One line for one sample. */
function documentOf(sample, now) {
  const at = Date.parse(sample.timestamp);
  const instance = sample.instanceID;
  if (typeof instance !== 'string' || !IDENTIFIER.test(instance) || !Number.isFinite(at)) throw new Error('neither instance nor time');
  const values = valuesOf(sample);
  return {
    _aws: {
      Timestamp: at,
      CloudWatchMetrics: [
        { Namespace: NAMESPACE, Dimensions: [[DIMENSION]], Metrics: Object.keys(values).map((name) => metric(name, UNITS[name], 1)) },
        ofAll(${JSON.stringify(OS_METRICS.delivery)}, 'Seconds'),
      ],
    },
    [DIMENSION]: instance,
    ...values,
    ${OS_METRICS.delivery}: Math.max(0, (now - at) / 1000),
  };
}

const print = (document) => process.stdout.write(JSON.stringify(document) + '\\n');

exports.handler = async (event) => {
  const { messageType, logEvents } = JSON.parse(gunzipSync(Buffer.from(event.awslogs.data, 'base64')).toString('utf8'));
  if (messageType !== 'DATA_MESSAGE') return;
  const now = Date.now();
  let unreadable = 0;
  for (const { message } of logEvents) {
    try {
      print(documentOf(JSON.parse(message), now));
    } catch {
      unreadable += 1;
    }
  }
  if (unreadable > 0) print({ _aws: { Timestamp: now, CloudWatchMetrics: [ofAll(${JSON.stringify(OS_METRICS.unreadable)}, 'Count')] }, ${OS_METRICS.unreadable}: unreadable });
};
`;
