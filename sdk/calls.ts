import type { CallFault } from './call-error.js';
import type { CallTrace } from './call-trace.js';
import type { CallEvent, CallInfo, CallMessage } from './call-info.js';
import type { CallOrder } from './call-order.js';

/** What a list of calls is narrowed to; all that is absent does not matter. */
export interface CallQuery {
  readonly state?: 'live' | 'ended' | 'all' | undefined;
  /** A user that is caller, callee or agent: a user name, an alias or an address. */
  readonly user?: string | undefined;
  readonly agent?: string | undefined;
  readonly status?: CallInfo['status'] | undefined;
  readonly tags?: Readonly<Record<string, string>> | undefined;
  /** Calls created at this time or later, in milliseconds since the epoch. */
  readonly sinceMs?: number | undefined;
  /** Most calls of one page, 1 to 500; 50 by default. */
  readonly limit?: number | undefined;
  /** `next` of the page before. */
  readonly cursor?: string | undefined;
}

/** A part of a list, newest first. */
export interface CallPage {
  readonly items: readonly CallInfo[];
  /** Cursor of the page that follows; absent on the last one. */
  readonly next?: string;
}

/** How long to wait for a call, and who may give up earlier. */
export interface CallWait {
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
}

/** A request that must be carried out once, however often it is sent. */
export interface IdempotentRequest {
  /** Whose key it is: two users may choose the same one. */
  readonly scope: string;
  readonly key: string;
  /** What is asked for, as a text: the same key goes with the same text only. */
  readonly fingerprint: string;
  /** How long a repetition waits for the first answer before it is told that the first request is under way; 2,000 ms by default. */
  readonly patienceMs?: number | undefined;
}

/** The first answer of an idempotent request, and whether it was given before. */
export interface IdempotentAnswer<T> {
  readonly answer: T;
  readonly isReplay: boolean;
}

/**
 * Places calls, watches them and steers them: the service of the plugin `callcontroller`, and the token under which a plugin with
 * `dependsOn: ["callcontroller"]` has it injected. Every method that takes the id of a call rejects with a {@link CallError} of status
 * 404 if no such call is kept any more.
 *
 * ```ts
 * constructor(sdk: Sdk, private readonly calls: CallControl) {}
 * ```
 */
export abstract class CallControl {
  /** All that is wrong with an order, or with what there is of one: nothing is placed, and rights and limits are not looked at. */
  abstract check(order: Partial<CallOrder>): Promise<readonly CallFault[]>;
  /**
   * Places a call. Settles when its first INVITE was handed to the transport.
   * @throws CallError 400 with all faults of the order, 403 if the agent has no SIP credentials or may not place this call, 409 if an
   * Invite call between the same parties is in progress, 429 or 503 with Retry-After where a limit is reached, 503 if nothing could be
   * sent
   */
  abstract place(order: CallOrder): Promise<CallInfo>;
  /** Undefined if no such call is kept any more. */
  abstract find(id: string): Promise<CallInfo | undefined>;
  /** @throws CallError 400 if a name, the limit or the cursor cannot be read */
  abstract list(query?: CallQuery): Promise<CallPage>;
  /**
   * Hangs up, or cancels a call that is being set up; a call that is over stays as it is.
   * @throws CallError 409 if the phones have the call and the controller has left it
   */
  abstract hangUp(id: string): Promise<CallInfo>;
  /** Silences both parties. @throws CallError 409 unless the call is connected and its `control` is `full` */
  abstract hold(id: string): Promise<CallInfo>;
  /** Joins both parties again. @throws CallError as `hold` */
  abstract resume(id: string): Promise<CallInfo>;
  /** Puts the target in the caller's place. @throws CallError as `hold`, and 400 if the target cannot be called */
  abstract transfer(id: string, target: string): Promise<CallInfo>;
  /** The SIP messages of the call so far, oldest first, at most 100. */
  abstract messages(id: string): Promise<readonly CallMessage[]>;
  /**
   * Logs the SIP messages of a user or a call as a whole, credentials masked, at the level trace, whatever the log level is.
   * @throws CallError 400 if a name cannot be read, 404 if there is no such call
   */
  abstract trace(trace: CallTrace): Promise<void>;
  /** Waits until the call is as wanted, its time is over or the signal is given; then gives the call as it is. */
  abstract waitFor(id: string, isWanted: (call: CallInfo) => boolean, wait: CallWait): Promise<CallInfo>;
  /**
   * Tells of every event of every call from now on, in order within a call. What the listener throws is logged.
   * @param options.withPast first tells what the log that all nodes share has; nothing where there is only one node
   * @returns ends it; it ends with the call controller at the latest
   */
  abstract watch(onEvent: (event: CallEvent) => void, options?: { readonly withPast?: boolean }): Promise<() => void>;
  /**
   * Carries out a request once within 24 hours: whoever sends it again gets the first answer. Where the work rejects, the key is free
   * again, so it must do so only where nothing was sent.
   * @throws CallError 422 if the key was used for another request, 409 if the first one is still under way
   */
  abstract once<T>(request: IdempotentRequest, work: () => Promise<T>): Promise<IdempotentAnswer<T>>;
}
