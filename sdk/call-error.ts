/** Something wrong with a value that was sent. */
export interface CallFault {
  /** JSON pointer (RFC 6901) to the value, for example `/callee`. */
  readonly pointer: string;
  readonly expected: string;
  readonly found: string;
}

/** Why a call was not placed or not changed. Its status is that of the HTTP answer, and its message may be shown to the client. */
export class CallError extends Error {
  override readonly name = 'CallError';
  readonly expose = true;

  /**
   * @param status HTTP status
   * @param code a word for programs, for example `wrong-state`
   * @param faults of the values that were sent, all of them
   */
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    readonly faults: readonly CallFault[] = [],
  ) {
    super(message);
  }
}
