import type { Json } from '../synth';

const PERIODS = [1, 5, 10, 20, 30];
const STATISTIC = /^(Average|Sum|Minimum|Maximum|SampleCount|p\d{1,2}(\.\d+)?)$/;
const FIELDS: Readonly<Record<string, readonly string[]>> = {
  metric: ['accountId', 'annotations', 'end', 'legend', 'liveData', 'metrics', 'period', 'region', 'stacked', 'start', 'stat', 'timezone', 'title', 'view', 'yAxis'],
  text: ['background', 'markdown'],
  alarm: ['alarms', 'sortBy', 'states', 'title'],
  log: ['accountId', 'query', 'queryLanguage', 'region', 'stacked', 'title', 'view'],
};
const OPTIONS = ['accountId', 'color', 'expression', 'id', 'label', 'period', 'region', 'stat', 'visible', 'yAxis'];

/**
 * What is wrong with the body of a dashboard, by Amazon CloudWatch API Reference, Dashboard Body Structure and Syntax, and CloudWatch service quotas: fields, ranges, the form of
 * each metric, ids that are unique and known to the expressions, no two widgets in one place.
 */
export function flawsOf(text: string): string[] {
  const body = JSON.parse(text);
  const flaws: string[] = [];
  const check = (holds: boolean, what: string): void => void (holds || flaws.push(what));
  check(Object.keys(body).every((key) => ['start', 'end', 'periodOverride', 'widgets', 'variables'].includes(key)), 'a field beside widgets');
  check(Array.isArray(body.widgets) && body.widgets.length <= 500, 'no array of at most 500 widgets');
  let total = 0;
  const taken = new Set<string>();
  for (const [index, { type, x, y, width, height, properties, ...rest }] of (body.widgets as Json[]).entries()) {
    const at = `widget ${index} (${properties?.title ?? type}): `;
    check(Object.keys(rest).length === 0, `${at}unknown fields ${Object.keys(rest)}`);
    check([x, y, width, height].every(Number.isInteger) && x >= 0 && y >= 0 && width >= 1 && height >= 1 && x + width <= 24 && height <= 1000, `${at}outside of the grid`);
    for (let column = x; column < x + width; column++) {
      for (let row = y; row < y + height; row++) {
        check(!taken.has(`${column}/${row}`), `${at}over another one`);
        taken.add(`${column}/${row}`);
      }
    }
    const fields = FIELDS[type];
    check(fields !== undefined, `${at}unknown type`);
    check(Object.keys(properties).every((key) => fields?.includes(key)), `${at}unknown properties ${Object.keys(properties).filter((key) => !fields?.includes(key))}`);
    if (type === 'text') check(typeof properties.markdown === 'string', `${at}no markdown`);
    if (type === 'alarm') check(properties.alarms.length <= 100 && properties.alarms.every((arn: string) => /^arn:aws:cloudwatch:[a-z0-9-]+:\d{12}:alarm:.+$/.test(arn)), `${at}no ARNs of at most 100 alarms`);
    if (type === 'metric') {
      total += properties.metrics.length;
      for (const flaw of flawsOfGraph(properties)) flaws.push(at + flaw);
    }
  }
  check(total <= 2500, 'more than 2,500 metrics');
  return flaws;
}

function flawsOfGraph({ metrics, region, period, view, annotations }: Json): string[] {
  const flaws: string[] = [];
  const check = (holds: boolean, what: string): void => void (holds || flaws.push(what));
  check(typeof region === 'string', 'no region');
  check(PERIODS.includes(period) || (period % 60 === 0 && period <= 86_400 && period > 0), `period ${period}`);
  check(['timeSeries', 'singleValue', 'gauge', 'bar', 'pie', 'table'].includes(view), 'view');
  check(metrics.length >= 1 && metrics.length <= 500, `${metrics.length} metrics`);
  const ids: string[] = [];
  const expressions: string[] = [];
  for (const metric of metrics as Json[][]) {
    const options = typeof metric.at(-1) === 'object' ? metric.at(-1) : {};
    const names = typeof metric.at(-1) === 'object' ? metric.slice(0, -1) : metric;
    check(Object.keys(options).every((key) => OPTIONS.includes(key)), `unknown options ${Object.keys(options)}`);
    check(options.expression === undefined ? names.length >= 2 && names.length % 2 === 0 && names.every((name) => typeof name === 'string' && name !== '') : names.length === 0, `not a metric: ${JSON.stringify(metric)}`);
    check(names.length <= 2 + 2 * 30, 'more than 30 dimensions');
    if (options.stat !== undefined) check(STATISTIC.test(options.stat), `statistic ${options.stat}`);
    if (options.id !== undefined) ids.push(options.id);
    if (options.expression !== undefined) expressions.push(options.expression);
  }
  check(new Set(ids).size === ids.length, `ids are not unique: ${ids}`);
  check(ids.every((id) => /^[a-z]\w{0,254}$/.test(id)), `ids: ${ids}`);
  for (const expression of expressions) {
    check(expression.length <= 1024, 'an expression of more than 1,024 characters');
    // Functions are in capitals, and what SEARCH looks for stands in quotation marks.
    for (const word of expression.replaceAll(/'[^']*'/g, '').match(/\b[a-z]\w*\b/g) ?? []) check(ids.includes(word), `the expression names ${word}: ${expression}`);
  }
  for (const { value, label, ...others } of annotations?.horizontal ?? []) check(Number.isFinite(value) && typeof label === 'string' && Object.keys(others).length === 0, 'annotation');
  return flaws;
}
