import { pino } from 'pino';
import type { DestinationStream, Logger } from 'pino';
import type { Log, TraceLog } from '../sdk/log.js';
import type { Settings } from './config/settings.js';
import { redact } from './config/redact.js';
import { LogDestination } from './log/destination.js';
import { LineBudget } from './log/line-budget.js';
import { textLine } from './log/text-line.js';

export type LogLevel = Settings['logLevel'];

/** The container's logger: the SDK's, with loggers below it that write further fields on every line. */
export interface ContainerLog extends Log, TraceLog {
  /** The log level of the process. */
  readonly level: LogLevel;
  child(fields: Readonly<Record<string, unknown>>): ContainerLog;
}

/** The logger of the process. */
export interface RootLog extends ContainerLog {
  /** Of this logger and of all below it. */
  level: LogLevel;
  /** Settles when everything logged is written, or after `limitMs`. */
  flushed(limitMs: number): Promise<void>;
}

const PRIORITIES = { trace: 10, debug: 20, info: 30, warn: 40, error: 50, fatal: 60, silent: 70 } as const;
type Method = 'debug' | 'info' | 'warn' | 'error';

/** What all loggers of a process share. */
interface Shared {
  level: LogLevel;
  readonly budget: LineBudget;
}

/**
 * Makes a logger that writes one JSON object a line, and on a terminal text. Secrets in the fields are blanked, see {@link redact}.
 * Warnings and errors are bounded in number, see {@link LineBudget}.
 * @param destination standard error by default: standard output belongs to the ready line
 */
export function createLog(level: LogLevel, destination?: DestinationStream): RootLog {
  const shared: Shared = { level, budget: new LineBudget() };
  if (destination) return new PinoRoot(makePino(destination), shared, () => Promise.resolve());
  // This makes Node set a pipe or a socket to non-blocking, so that a stalled reader blocks nothing.
  const isTerminal = process.stderr.isTTY;
  const stderr = new LogDestination(2, (leftOut) =>
    root.warn('The log can be written again, and some of its lines are lost', { leftOut }),
  );
  const stream = isTerminal ? { write: (line: string) => stderr.write(textLine(line)) } : stderr;
  const root = new PinoRoot(makePino(stream), shared, (limitMs) => stderr.flushed(limitMs));
  process.once('exit', () => stderr.flushNow());
  return root;
}

function makePino(destination: DestinationStream): Logger {
  return pino(
    {
      level: 'trace',
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
    },
    destination,
  );
}

class PinoLog implements ContainerLog {
  constructor(
    private readonly logger: Logger,
    protected readonly shared: Shared,
  ) {}

  get isTraced(): boolean {
    return this.shared.level === 'trace';
  }

  trace(message: string, fields: Readonly<Record<string, unknown>> = {}): void {
    this.logger.trace(redact(fields), message);
  }

  debug(message: string, fields?: Readonly<Record<string, unknown>>): void {
    this.write('debug', message, fields);
  }

  info(message: string, fields?: Readonly<Record<string, unknown>>): void {
    this.write('info', message, fields);
  }

  warn(message: string, fields?: Readonly<Record<string, unknown>>): void {
    this.write('warn', message, fields);
  }

  error(message: string, fields?: Readonly<Record<string, unknown>>): void {
    this.write('error', message, fields);
  }

  get level(): LogLevel {
    return this.shared.level;
  }

  child(fields: Readonly<Record<string, unknown>>): ContainerLog {
    return new PinoLog(this.logger.child(redact(fields)), this.shared);
  }

  private write(method: Method, message: string, fields = {}): void {
    if (PRIORITIES[method] < PRIORITIES[this.shared.level]) return;
    const leftOut = PRIORITIES[method] < PRIORITIES.warn ? 0 : this.shared.budget.take(message);
    if (leftOut === undefined) return;
    this.logger[method](redact(leftOut > 0 ? { ...fields, leftOut } : fields), message);
  }
}

class PinoRoot extends PinoLog implements RootLog {
  constructor(
    logger: Logger,
    shared: Shared,
    readonly flushed: (limitMs: number) => Promise<void>,
  ) {
    super(logger, shared);
  }

  override get level(): LogLevel {
    return this.shared.level;
  }

  override set level(level: LogLevel) {
    this.shared.level = level;
  }
}
