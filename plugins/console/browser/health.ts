/** What `/readyz` says. */
export interface Readiness {
  readonly status: CheckStatus;
  readonly checks: Readonly<Record<string, Check>>;
}

export type CheckStatus = 'pass' | 'warn' | 'fail';

export interface Check {
  readonly status: CheckStatus;
  readonly output?: string;
}

/** What `/diagnostics` says, as far as it is shown by name; the rest is what is alive in the process. */
export interface Diagnostics {
  readonly version: string;
  readonly node: string;
  readonly uptimeSeconds: number;
  readonly plugins: readonly PluginState[];
  readonly limits: Readonly<Record<string, LimitUse>>;
  readonly users: UsersState;
  readonly certificate?: CertificateState;
}

export interface PluginState {
  readonly name: string;
  readonly state: string;
  readonly uriPrefix?: string;
  readonly problem?: string;
}

export interface LimitUse {
  readonly used: number;
  readonly limit: number;
}

export interface UsersState {
  readonly file: string;
  readonly users: number;
  readonly readAt: string;
  readonly problem?: string;
}

export interface CertificateState {
  readonly subject: string;
  readonly issuer: string;
  readonly validTo: string;
  readonly isSelfSigned: boolean;
  readonly problem?: string;
}

/** A colour class. */
export type Tone = 'good' | 'busy' | 'bad';

/** A certificate that ends sooner has to be renewed. */
const RENEWAL_DAYS = 14;
const DAY_MS = 86_400_000;
/** A limit counts as nearly reached above this share. */
const NEAR = 0.8;

export function toneOfCheck(status: CheckStatus): Tone {
  return status === 'pass' ? 'good' : status === 'warn' ? 'busy' : 'bad';
}

export function wordsOfCheck(status: CheckStatus): string {
  return { pass: 'fine', warn: 'needs a look', fail: 'fails' }[status];
}

export function toneOfLimit({ used, limit }: LimitUse): Tone {
  if (used >= limit) return 'bad';
  return used >= limit * NEAR ? 'busy' : 'good';
}

const LIMITS: Readonly<Record<string, string>> = {
  callsPerSecond: 'New calls in this second',
  callsPerSecondPerAgent: 'New calls in this second of one agent',
  callsInSetup: 'Calls being set up',
  callsHeld: 'Calls connected, and in our path',
  recordsKept: 'Calls of which a record is kept',
  eventLoopDelayMs: 'Delay of the event loop, in milliseconds',
};

/** A limit that a later version has is shown by its name. */
export function wordsOfLimit(name: string): string {
  return LIMITS[name] ?? name;
}

/** Days until a certificate ends, rounded down: below 0 when it has ended. */
export function daysLeft({ validTo }: CertificateState, nowMs: number): number {
  return Math.floor((Date.parse(validTo) - nowMs) / DAY_MS);
}

export function toneOfDays(days: number): Tone {
  if (days < 0) return 'bad';
  return days < RENEWAL_DAYS ? 'busy' : 'good';
}

export function wordsOfDays(days: number): string {
  if (days < 0) return 'has ended';
  return days === 0 ? 'ends today' : days === 1 ? '1 day left' : `${days} days left`;
}

/** For example `2 h 05 min`, `3 d 4 h`. */
export function uptimeText(seconds: number): string {
  const minutes = Math.floor(seconds / 60);
  const hours = Math.floor(minutes / 60);
  if (minutes < 1) return `${seconds} s`;
  if (hours < 1) return `${minutes} min`;
  if (hours < 24) return `${hours} h ${String(minutes % 60).padStart(2, '0')} min`;
  return `${Math.floor(hours / 24)} d ${hours % 24} h`;
}
