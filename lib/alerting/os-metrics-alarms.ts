import { CloudwatchMetricAlarm, type CloudwatchMetricAlarmConfig } from '@cdktf/provider-aws/lib/cloudwatch-metric-alarm';
import type { LambdaFunction } from '@cdktf/provider-aws/lib/lambda-function';
import { Construct } from 'constructs';
import { physicalName } from '../environment/physical-name';
import type { IAlertChannel } from './alert-channel-ref';
import { OS_DELIVERY_SECONDS, OS_METRICS, OS_NAMESPACE, OS_SECOND_PASS_SECONDS } from './metric-names';

type Watched = Pick<CloudwatchMetricAlarmConfig, 'namespace' | 'metricName' | 'statistic' | 'extendedStatistic' | 'threshold' | 'evaluationPeriods' | 'datapointsToAlarm' | 'alarmDescription'> & { readonly ofFunction?: true };

const PERIOD_SECONDS = 60;
const FIRST_PASS_SECONDS = OS_DELIVERY_SECONDS - OS_SECOND_PASS_SECONDS;

/** What can break between a sample and its metric. Metrics of Lambda: AWS Lambda Developer Guide, Types of metrics for Lambda functions. */
const WATCHED: Readonly<Record<string, Watched>> = {
  errors: {
    namespace: 'AWS/Lambda', metricName: 'Errors', ofFunction: true, statistic: 'Sum', threshold: 0, evaluationPeriods: 5, datapointsToAlarm: 2,
    alarmDescription: 'Samples of the operating system do not become metrics: the forwarding function fails. Alarms on missing samples of all databases follow, though the databases may be well. Look at the log of the function.',
  },
  throttles: {
    namespace: 'AWS/Lambda', metricName: 'Throttles', ofFunction: true, statistic: 'Sum', threshold: 0, evaluationPeriods: 5, datapointsToAlarm: 3,
    alarmDescription: 'Samples of the operating system become metrics too late: the forwarding function waits for its turn. Raise its concurrency.',
  },
  unreadable: {
    namespace: OS_NAMESPACE, metricName: OS_METRICS.unreadable, statistic: 'Sum', threshold: 0, evaluationPeriods: 5, datapointsToAlarm: 2,
    alarmDescription: 'Samples of the operating system could not be read and are not in the metrics. Compare a record of the log group with the form that the RDS User Guide describes.',
  },
  delivery: {
    namespace: OS_NAMESPACE, metricName: OS_METRICS.delivery, extendedStatistic: 'p90', threshold: FIRST_PASS_SECONDS, evaluationPeriods: 15, datapointsToAlarm: 10,
    alarmDescription: `Samples of the operating system take longer than ${FIRST_PASS_SECONDS} seconds to the forwarding function. The notification objective of every database counts on ${OS_DELIVERY_SECONDS} to the metric: alarms are as much later, and those on missing samples may ring though the databases are well. AWS promises no figure; see the AWS Health Dashboard.`,
  },
};

/** Alarms on the forwarding itself. Without data they are quiet: an account may have no running database. */
export function forwarderAlarms(scope: Construct, forwarder: LambdaFunction, alerts: IAlertChannel): void {
  const alarms = new Construct(scope, 'Alarms');
  const topic = alerts.topicArn('warning');
  for (const [id, { ofFunction, ...watched }] of Object.entries(WATCHED)) {
    new CloudwatchMetricAlarm(alarms, id, {
      ...watched,
      alarmName: physicalName(alarms, { max: 255, suffix: id }),
      comparisonOperator: 'GreaterThanThreshold',
      dimensions: ofFunction === true ? { FunctionName: forwarder.functionName } : undefined,
      period: PERIOD_SECONDS,
      treatMissingData: 'notBreaching',
      alarmActions: [topic],
      okActions: [topic],
    });
  }
}
