/** Whose SIP messages are to be logged as a whole for a while: those of a user's calls, or of one call. */
export interface CallTrace {
  /** A user name, an alias, a telephone number or `user@host`: the calls in which it is caller, callee or agent. */
  readonly user?: string | undefined;
  /** Id of a call. */
  readonly call?: string | undefined;
  /** 1 to 3600. */
  readonly seconds: number;
}
