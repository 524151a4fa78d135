import { pino } from 'pino';
import type { DestinationStream, Logger } from 'pino';
import type { Log } from '../sdk/log.js';
import type { Settings } from './config/settings.js';
import { redact } from './config/redact.js';

/** The container's logger: the SDK's, with loggers below it that write further fields on every line. */
export interface ContainerLog extends Log {
  child(fields: Readonly<Record<string, unknown>>): ContainerLog;
}

/**
 * Makes a logger that writes one JSON object a line. Secrets in the fields are blanked, see {@link redact}.
 * @param destination standard error by default: standard output belongs to the ready line
 */
export function createLog(level: Settings['logLevel'], destination?: DestinationStream): ContainerLog {
  return new PinoLog(
    pino(
      {
        level,
        base: null,
        timestamp: pino.stdTimeFunctions.isoTime,
        formatters: { level: (label) => ({ level: label }) },
      },
      destination ?? pino.destination({ fd: 2, sync: true }),
    ),
  );
}

class PinoLog implements ContainerLog {
  constructor(private readonly logger: Logger) {}

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

  child(fields: Readonly<Record<string, unknown>>): ContainerLog {
    return new PinoLog(this.logger.child(redact(fields)));
  }

  private write(level: 'debug' | 'info' | 'warn' | 'error', message: string, fields = {}): void {
    if (this.logger.isLevelEnabled(level)) this.logger[level](redact(fields), message);
  }
}
