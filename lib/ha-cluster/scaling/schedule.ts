/** Lowest and highest number of each field, and the names that it takes. Source: AWS, Application Auto Scaling, Cron expressions. */
const FIELDS = [
  { label: 'minute', min: 0, max: 59 },
  { label: 'hour', min: 0, max: 23 },
  { label: 'day', min: 1, max: 31, marks: /^(L|LW|\d{1,2}W)$/ },
  { label: 'month', min: 1, max: 12, names: 'JAN|FEB|MAR|APR|MAY|JUN|JUL|AUG|SEP|OCT|NOV|DEC' },
  { label: 'weekday', min: 1, max: 7, names: 'SUN|MON|TUE|WED|THU|FRI|SAT', marks: /^([1-7]|SUN|MON|TUE|WED|THU|FRI|SAT)(L|#[1-5])$/ },
  { label: 'year', min: 1970, max: 2199 },
] as const;
const [DAY, WEEKDAY] = [2, 4];
const MOMENT = /^at\((\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2})\)$/;

/** What is wrong with the moment of a scheduled action; undefined where nothing is. */
export function scheduleProblem(expression: string): string | undefined {
  const moment = MOMENT.exec(expression)?.[1];
  if (moment !== undefined) return isMoment(moment) ? undefined : 'there is no such moment';
  const cron = /^cron\((.*)\)$/.exec(expression)?.[1];
  if (cron === undefined) return 'it is neither cron(…) nor at(…)';
  const fields = cron.split(' ');
  if (fields.length !== FIELDS.length) return `it has ${fields.length} of ${FIELDS.length} fields`;
  const wrong = fields.findIndex((field, i) => !isField(field, i));
  if (wrong >= 0) return `${JSON.stringify(fields[wrong])} cannot be its ${FIELDS[wrong]?.label}`;
  return (fields[DAY] === '?') === (fields[WEEKDAY] === '?') ? 'one of day and weekday must be ?, and the other must not' : undefined;
}

function isField(text: string, index: number): boolean {
  if (text === '?') return index === DAY || index === WEEKDAY;
  return text.split(',').every((part) => isPart(part, index));
}

/** A value, a range or all of them, perhaps in steps. */
function isPart(part: string, index: number): boolean {
  const field = FIELDS[index] as (typeof FIELDS)[number];
  if ('marks' in field && field.marks.test(part)) return true;
  const [values = '', step, ...more] = part.split('/');
  if (more.length > 0 || (step !== undefined && !/^[1-9]\d*$/.test(step))) return false;
  if (values === '*') return true;
  const ends = values.split('-');
  return ends.length <= 2 && ends.every((end) => ('names' in field && field.names.split('|').includes(end)) || (/^\d+$/.test(end) && Number(end) >= field.min && Number(end) <= field.max));
}

/** 30 February is none. */
const isMoment = (moment: string): boolean => {
  const time = Date.parse(`${moment}Z`);
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(moment);
};

const HALF_A_DAY = 12 * 3_600_000;

/** Whether a moment has gone by wherever its time zone is: the last one is twelve hours behind UTC. A `cron` comes back. */
export function isPast(expression: string, now: Date): boolean {
  const moment = MOMENT.exec(expression)?.[1];
  return moment !== undefined && Date.parse(`${moment}Z`) + HALF_A_DAY < now.getTime();
}

export function isTimezone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}
