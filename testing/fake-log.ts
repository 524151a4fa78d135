import type { Log } from '../sdk/index.js';

/** A line that was logged. */
export interface LoggedLine {
  readonly level: 'debug' | 'info' | 'warn' | 'error';
  readonly message: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

/** A log that keeps its lines. */
export class FakeLog implements Log {
  /** Oldest first. */
  readonly lines: LoggedLine[] = [];

  debug(message: string, fields?: Readonly<Record<string, unknown>>): void {
    this.#keep('debug', message, fields);
  }

  info(message: string, fields?: Readonly<Record<string, unknown>>): void {
    this.#keep('info', message, fields);
  }

  warn(message: string, fields?: Readonly<Record<string, unknown>>): void {
    this.#keep('warn', message, fields);
  }

  error(message: string, fields?: Readonly<Record<string, unknown>>): void {
    this.#keep('error', message, fields);
  }

  #keep(level: LoggedLine['level'], message: string, fields: Readonly<Record<string, unknown>> = {}): void {
    this.lines.push({ level, message, fields });
  }
}
