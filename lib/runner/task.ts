/** Where a task writes what it says. */
export interface TaskLog {
  readonly group: string;
  readonly stream: string;
}

/** How a task stands. */
export interface TaskState {
  /** What AWS calls it, in lower case: `pending`, `running`, `stopped` … */
  readonly status: string;
  readonly ended: boolean;
  /** That of the command; undefined while it runs, and when it never did. */
  readonly exitCode?: number;
  /** Why it ended, in the words of AWS. */
  readonly reason?: string;
  /** Undefined before there is one. */
  readonly log?: TaskLog;
}

/** A task that was started. */
export interface Task {
  readonly id: string;
  state(): Promise<TaskState>;
  stop(reason: string): Promise<void>;
}

/** Starts tasks of one kind of compute. */
export interface Launcher {
  /** @param args - of the command line, behind `tenantry` */
  start(args: readonly string[]): Promise<Task>;
}
