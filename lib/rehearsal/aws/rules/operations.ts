import { Unknown, type Value } from '../../protocol/values';
import { elementsOf, protectedBy, type Rules, text, usedBy } from './rules';

const isNull = (value: Value | undefined): boolean => value === null || value === undefined;
const fifoOnly = ['archive_policy', 'fifo_throughput_scope', 'content_based_deduplication'];

/** Plan rules: the folders cloudwatch, codebuild, kinesis, lambda, logs and sns below internal/service of the provider. */
export const OPERATIONS: Readonly<Record<string, Rules>> = {
  aws_cloudwatch_log_group: {
    taken: (key) => `creating CloudWatch Logs Log Group (${key}): ResourceAlreadyExistsException: The specified log group already exists`,
    delete: [protectedBy('deletion_protection_enabled', 'CloudWatch Logs Log Group', 'ValidationException: The log group cannot be deleted because deletion protection is enabled.')],
  },
  aws_cloudwatch_metric_alarm: {
    validate: ({ metric_name, metric_query, statistic, extended_statistic, comparison_operator, evaluation_periods }) => {
      if ([metric_name, metric_query, statistic, extended_statistic].some((value) => value instanceof Unknown)) return undefined;
      if (!isNull(metric_name) && isNull(statistic) && isNull(extended_statistic)) return { summary: 'One of `statistic` or `extended_statistic` must be set for a cloudwatch metric alarm', detail: '', path: 'metric_name' };
      if (elementsOf(metric_query).some(({ expression, metric }) => text(expression) !== '' && elementsOf(metric).length > 0)) return { summary: 'No metric_query may have both `expression` and a `metric` specified', detail: '', path: 'metric_query' };
      const missing = isNull(comparison_operator) ? 'comparison_operator' : isNull(evaluation_periods) ? 'evaluation_periods' : undefined;
      return missing === undefined || (isNull(metric_name) && elementsOf(metric_query).length === 0) ? undefined : { summary: `\`${missing}\` must be set when \`metric_name\` or \`metric_query\` is specified`, detail: '', path: missing };
    },
  },
  aws_cloudwatch_event_rule: { delete: [usedBy('aws_cloudwatch_event_target', 'rule', 'EventBridge Rule', () => "ValidationException: Rule can't be deleted since it has targets.", 'name')] },
  aws_sns_topic: {
    validate: (config) => {
      if (config['fifo_topic'] instanceof Unknown) return undefined;
      const isFifo = config['fifo_topic'] === true;
      const misplaced = isFifo ? undefined : fifoOnly.find((name) => !isNull(config[name]) && config[name] !== false);
      if (misplaced !== undefined) return { summary: `${misplaced} can only be set for FIFO topics`, detail: '', path: misplaced };
      const name = text(config['name']);
      return name !== '' && name.endsWith('.fifo') !== isFifo ? { summary: `invalid topic name: ${name}`, detail: 'The name of a FIFO topic, and of no other, ends with .fifo.', path: 'name' } : undefined;
    },
  },
  aws_sns_topic_subscription: {
    validate: ({ filter_policy, filter_policy_scope }) => (!isNull(filter_policy_scope) && isNull(filter_policy) ? { summary: 'filter_policy is required when filter_policy_scope is set', detail: '', path: 'filter_policy_scope' } : undefined),
  },
  aws_kinesis_stream: {
    validate: ({ shard_count, stream_mode_details }) => {
      const [mode] = elementsOf(stream_mode_details).map(({ stream_mode }) => stream_mode);
      if (mode === 'ON_DEMAND') return typeof shard_count === 'number' ? { summary: 'shard_count must not be set when stream_mode is ON_DEMAND', detail: '', path: 'shard_count' } : undefined;
      return mode instanceof Unknown || shard_count instanceof Unknown || (typeof shard_count === 'number' && shard_count > 0) ? undefined : { summary: 'shard_count must be at least 1 when stream_mode is PROVISIONED', detail: '', path: 'shard_count' };
    },
  },
  aws_lambda_function: {
    validate: (config) => {
      const missing = config['package_type'] === null || config['package_type'] === 'Zip' ? ['handler', 'runtime'].find((name) => isNull(config[name])) : undefined;
      return missing === undefined ? undefined : { summary: 'handler and runtime must be set when PackageType is Zip', detail: '', path: missing };
    },
    taken: (key) => `creating Lambda Function (${key}): ResourceConflictException: Function already exist: ${key}`,
  },
  aws_codebuild_project: {
    validate: ({ cache }) => (elementsOf(cache).some(({ type, location }) => type === 'S3' && (isNull(location) || location === '')) ? { summary: 'cache location is required when cache type is "S3"', detail: '', path: 'cache' } : undefined),
    taken: (_key, { name }) => `creating CodeBuild Project (${text(name)}): ResourceAlreadyExistsException: Project already exists`,
  },
  aws_ecs_cluster: { delete: [usedBy('aws_ecs_service', 'cluster', 'ECS Cluster', () => 'ClusterContainsServicesException: The Cluster cannot be deleted while Services are active.')] },
};
