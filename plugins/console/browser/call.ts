/** A call as `/v1` shows it; what is absent there is absent here. */
export interface Call {
  readonly id: string;
  readonly status: Status;
  readonly isFinal: boolean;
  readonly method: string;
  readonly control: 'full' | 'setup' | 'none';
  readonly caller: string;
  readonly callee: string;
  readonly agent: string;
  readonly subject?: string;
  readonly tags?: Readonly<Record<string, string>>;
  readonly isHeld?: boolean;
  /** RFC 3339, UTC, with milliseconds; so are the other times. */
  readonly createdAt: string;
  readonly callerAnsweredAt?: string;
  readonly connectedAt?: string;
  readonly endedAt?: string;
  readonly endsAt?: string;
  readonly reason?: Reason;
  readonly legs?: readonly Leg[];
  readonly node?: string;
  readonly revision: number;
}

export type Status =
  'initiating' | 'callingCaller' | 'callingCallee' | 'connected' | 'disconnected' | 'failed' | 'handedOver';

export interface Reason {
  readonly code: string;
  /** SIP status code. */
  readonly sip?: number;
  readonly text?: string;
  /** Who ended the call. */
  readonly by?: string;
}

export interface Leg {
  readonly role: string;
  readonly sipCallId?: string;
  readonly state: string;
  readonly sipStatus?: number;
}

/** A SIP message of a call. */
export interface Message {
  readonly at: string;
  readonly leg: string;
  readonly direction: string;
  /** Request line or status line. */
  readonly startLine: string;
  /** For example `1 INVITE`. */
  readonly cseq: string;
  /** The whole message with credentials masked, where the container traces. */
  readonly text?: string;
}

/** The user part of an address, which is how people in the same domain call each other. */
export function nameOf(address: string): string {
  const user = address.replace(/^sips?:/i, '').split('@')[0] ?? address;
  return user === '' ? address : user;
}

/** Whether people may talk in this call: ending it needs a confirmation. */
export function isTalking(call: Call): boolean {
  return !call.isFinal && call.connectedAt !== undefined;
}
