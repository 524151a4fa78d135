/** How a call is set up: `auto` asks the caller's telephone to call by itself (REFER), and stays in the path where it cannot. */
export type CallMethod = 'auto' | 'refer' | 'invite';

/** Further SIP header fields by name. */
export type CallHeaders = Readonly<Record<string, string>>;

/** Where the events of one call are sent as webhooks. */
export interface CallSink {
  /** `http://` or `https://`. */
  readonly url: string;
  /** What is sent is signed with it, see Standard Webhooks: 16 to 128 bytes in Base64, with or without `whsec_` before it. */
  readonly secret: string;
  /** The one address that the URL's host stands for; by default the host is looked up for each connection. */
  readonly address?: { readonly address: string; readonly family: number } | undefined;
}

/** A call that is wanted. Users are user names, aliases, telephone numbers or `user@host`. */
export interface CallOrder {
  readonly caller: string;
  readonly callee: string;
  /** `auto` by default. With `maxDurationSeconds` or `callerId`, which only a call in the path can have, `auto` is `invite`. */
  readonly method?: CallMethod | undefined;
  /** Who places the call; by default the caller. */
  readonly agent?: string | undefined;
  /** How long the caller is alerted, 0 to 3600 seconds; 180 by default. */
  readonly timeoutSeconds?: number | undefined;
  readonly subject?: string | undefined;
  /** Whether the caller's telephone is asked to pick up by itself. */
  readonly autoAnswer?: boolean | undefined;
  readonly isForwardingAllowed?: boolean | undefined;
  /** How long the call is kept after it was placed, 0 to 86400 seconds, and never shorter than it lasts; 180 by default. */
  readonly keepSeconds?: number | undefined;
  readonly conferencePin?: string | undefined;
  /** When the call is hung up after it was connected, 1 to 86400 seconds. */
  readonly maxDurationSeconds?: number | undefined;
  /** Number or name that the callee is shown instead of the agent: one of the agent's `callerIds` in the user directory. */
  readonly callerId?: string | undefined;
  /** Of the INVITE to the caller, and of what reaches the callee: names with `X-`, and those that the configuration allows. */
  readonly headers?:
    { readonly caller?: CallHeaders | undefined; readonly callee?: CallHeaders | undefined } | undefined;
  /** The application's own notes, at most 16. */
  readonly tags?: Readonly<Record<string, string>> | undefined;
  /** Where its events go beside the webhooks of the configuration: the plugin `api` sends them. */
  readonly sink?: CallSink | undefined;
  /** The agent has logged in outside, and may do what users outside may: see the call controller's setting `agentsMayCall`. */
  readonly isFromOutside?: boolean | undefined;
  /** Where the order came from, for the log: an address. */
  readonly client?: string | undefined;
  /** The request that brought the order, for the log: see {@link requestId}. */
  readonly requestId?: string | undefined;
}
