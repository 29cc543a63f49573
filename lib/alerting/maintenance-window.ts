import { type Complaint, Complaints } from '../core/errors';
import { Duration } from '../core/duration';
import { listOf } from '../core/text';
import { holdsToken } from '../core/tokens';

export const WEEKDAYS = ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday'] as const;
export type Weekday = (typeof WEEKDAYS)[number];

const DAY = 24 * 60;
export const MINUTES_OF_A_WEEK = 7 * DAY;
/** Of both windows: AWS, CreateDBCluster, PreferredMaintenanceWindow and PreferredBackupWindow. */
const SHORTEST = Duration.minutes(30);
const SHORTEST_SOURCE = 'AWS, CreateDBCluster, PreferredMaintenanceWindow and PreferredBackupWindow';
const TIME = /^([01]\d|2[0-3]):([0-5]\d)$/;

/**
 * Hours that standard time at the place of a region is ahead of UTC, by the longest name that the region's begins with. Only where the
 * default window lies depends on it, so that half an hour more or less does not matter.
 */
const OFFSETS: Readonly<Record<string, number>> = {
  'us-east': -5, 'us-west': -8, 'us-gov-east': -5, 'us-gov-west': -8, 'ca-central': -5, 'ca-west': -7, 'mx': -6, 'sa': -3, 'eu': 1, 'af': 2, 'il': 2, 'me': 4,
  'ap-south': 5, 'ap-southeast': 8, 'ap-southeast-2': 10, 'ap-southeast-4': 10, 'ap-southeast-6': 12, 'ap-northeast': 9, 'ap-east': 8, 'cn': 8,
};
const NIGHT = { backup: 1 * 60, maintenance: 3 * 60, minutes: 60 };

/**
 * When AWS may change and restart databases: every week at the same time, in UTC, whatever the local clocks do.
 * Alarms that the catalogue marks `quietInMaintenance` tell nobody meanwhile (`MaintenanceQuiet`).
 */
export class MaintenanceWindow {
  /**
   * @param start - hours and minutes in UTC, `03:00`
   * @param length - at least 30 minutes and less than a day
   * @throws TenantryError (`input`)
   */
  static weekly(day: Weekday, start: string, length: Duration = Duration.minutes(60)): MaintenanceWindow {
    const complaints = new Complaints();
    if (!WEEKDAYS.includes(day)) complaints.add({ code: 'maintenance-window/day', problem: `${JSON.stringify(day)} is not a day of the week.`, fix: `Give ${listOf(WEEKDAYS, 'or')}.` });
    const time = TIME.exec(start);
    if (time === null) complaints.add({ code: 'maintenance-window/start', problem: `${JSON.stringify(start)} is not a time of the day: 00:00 to 23:59, in UTC.`, fix: "For instance '03:00'." });
    const minutes = length.toSeconds() / 60;
    if (!Number.isInteger(minutes) || length.isShorterThan(SHORTEST) || minutes >= DAY) {
      complaints.add({ code: 'maintenance-window/length', problem: `A maintenance window of ${length} is given; it takes whole minutes, at least ${SHORTEST} and less than a day.`, fix: `Leave it out for ${Duration.minutes(60)}.`, source: SHORTEST_SOURCE });
    }
    complaints.throwIfAny();
    return new MaintenanceWindow(WEEKDAYS.indexOf(day) * DAY + Number(time?.[1]) * 60 + Number(time?.[2]), minutes);
  }

  /** Sunday from 3 to 4 in the morning at the place of the region (standard time): what is used where none is given. */
  static forRegion(region: string): MaintenanceWindow {
    return new MaintenanceWindow(modulo(WEEKDAYS.indexOf('sunday') * DAY + NIGHT.maintenance - offsetOf(region), MINUTES_OF_A_WEEK), NIGHT.minutes);
  }

  /** @param startMinute - minutes since Monday, 00:00 UTC */
  private constructor(readonly startMinute: number, readonly minutes: number) {}

  /** Minutes since Monday, 00:00 UTC; it may lie in the next week, and then is smaller than the start. */
  get endMinute(): number {
    return modulo(this.startMinute + this.minutes, MINUTES_OF_A_WEEK);
  }

  /** As `preferred_maintenance_window` has it: `sun:03:00-sun:04:00`. */
  toString(): string {
    return `${weekTime(this.startMinute)}-${weekTime(this.endMinute)}`;
  }

  /** @param backupWindow - every day, as `preferred_backup_window` has it: `01:00-02:00` */
  overlaps(backupWindow: string): boolean {
    const backup = parseBackupWindow(backupWindow);
    if (backup === undefined) return false;
    const starts = Array.from({ length: 16 }, (_, i) => (i - 1) * DAY + backup.start);
    return starts.some((start) => start < this.startMinute + this.minutes && this.startMinute < start + backup.minutes);
  }
}

/** From 1 to 2 in the morning at the place of the region, every day, as `preferred_backup_window` has it. */
export function backupWindowForRegion(region: string): string {
  const start = modulo(NIGHT.backup - offsetOf(region), DAY);
  return `${dayTime(start)}-${dayTime(modulo(start + NIGHT.minutes, DAY))}`;
}

/**
 * What RDS refuses in the two windows of a database.
 *
 * @param backupWindow - `01:00-02:00`; what only Terraform knows is not checked
 */
export function checkWindows(maintenance: MaintenanceWindow, backupWindow: string): Complaint[] {
  if (holdsToken(backupWindow)) return [];
  const backup = parseBackupWindow(backupWindow);
  if (backup === undefined || backup.minutes < SHORTEST.toSeconds() / 60) {
    return [{ code: 'maintenance-window/backup-window', problem: `The backup window is ${JSON.stringify(backupWindow)}; hh:mm-hh:mm in UTC is needed, of at least ${SHORTEST}.`, fix: "For instance '01:00-02:00'.", source: SHORTEST_SOURCE }];
  }
  if (!maintenance.overlaps(backupWindow)) return [];
  return [{
    code: 'maintenance-window/overlaps-backup',
    problem: `The maintenance window ${maintenance.toString()} overlaps the backup window ${backupWindow}, which is every day; RDS refuses that.`,
    fix: `Begin maintenance when the backup window has ended: MaintenanceWindow.weekly('${WEEKDAYS[Math.floor(maintenance.startMinute / DAY)]}', '${dayTime(modulo(backup.start + backup.minutes, DAY))}')`,
    source: SHORTEST_SOURCE,
  }];
}

function parseBackupWindow(text: string): { start: number; minutes: number } | undefined {
  const times = text.split('-').map((part) => TIME.exec(part));
  const [start, end] = times.map((time) => (time === null ? Number.NaN : Number(time[1]) * 60 + Number(time[2])));
  if (times.length !== 2 || start === undefined || end === undefined || Number.isNaN(start + end)) return undefined;
  return { start, minutes: modulo(end - start, DAY) };
}

function offsetOf(region: string): number {
  const [longest] = Object.keys(OFFSETS).filter((prefix) => region === prefix || region.startsWith(`${prefix}-`)).sort((a, b) => b.length - a.length);
  return (OFFSETS[longest ?? ''] ?? 0) * 60;
}

export const modulo = (value: number, by: number): number => ((value % by) + by) % by;
const two = (value: number): string => String(value).padStart(2, '0');
const dayTime = (minute: number): string => `${two(Math.floor(minute / 60))}:${two(minute % 60)}`;
const weekTime = (minute: number): string => `${WEEKDAYS[Math.floor(minute / DAY)]?.slice(0, 3)}:${dayTime(minute % DAY)}`;
