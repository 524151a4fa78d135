/**
 * A logger that names its plugin on every line. Fields are written as JSON, so a text from the network cannot forge a line.
 * Never log a PIN, a password or an `Authorization` header.
 */
export interface Log {
  debug(message: string, fields?: Readonly<Record<string, unknown>>): void;
  info(message: string, fields?: Readonly<Record<string, unknown>>): void;
  warn(message: string, fields?: Readonly<Record<string, unknown>>): void;
  error(message: string, fields?: Readonly<Record<string, unknown>>): void;
}

/** The part of the log that shows what goes over the wire. */
export interface TraceLog {
  /** Whether `logLevel` is trace. */
  readonly isTraced: boolean;
  /** Writes a line at the level trace whatever `logLevel` is: ask `isTraced` before, or know somebody who wants the line. */
  trace(message: string, fields?: Readonly<Record<string, unknown>>): void;
}
