import type { IncomingRequestMessage } from 'sip.js/lib/core/index.js';
import type {
  Addressing,
  IncomingLeg,
  IncomingRequest,
  Invitation,
  LegListener,
  Log,
  OutgoingLeg,
  OutOfDialogRequest,
  SipResponse,
  Subscription,
  SubscriptionListener,
  SubscriptionRequest,
  UserAgent,
} from '../../../sdk/index.js';
import type { CallCore } from '../dialog/call-core.js';
import type { CallCoreOptions } from '../dialog/call-options.js';
import { DigestClient, type DigestIdentity } from '../dialog/digest.js';
import type { SipEndpoint } from './endpoint.js';
import { newCallId, newTag } from '../message/identifiers.js';
import type { ServerAddresses } from '../location/server-addresses.js';
import { ServerLeg } from './incoming-leg.js';
import { type Guard, guardWith } from './listener.js';
import { namedProtocol, routeHop } from '../location/next-hop.js';
import { ClientLeg } from './outgoing-leg.js';
import { SingleRequest } from './single-request.js';
import { ClientSubscription } from './subscription.js';
import type { Origin } from '../transport/transport.js';

export interface EndpointUserAgentOptions {
  /** User part of the Contact, and of the requests that it takes. */
  readonly user: string;
  /** Route header values of requests outside a dialog, at least one: the domain's proxy. */
  readonly routeSet: string[];
  /** The proxy's addresses. */
  readonly proxy: Pick<ServerAddresses, 'includes'>;
  readonly log: Log;
  /** Finds what answers challenges with an invitation's credentials. */
  readonly identityOf: (credentials: Addressing['credentials']) => DigestIdentity | undefined;
  /** Closes what is the user agent's own. */
  readonly onClosed?: (() => Promise<void>) | undefined;
}

type InviteHandler = (leg: IncomingLeg) => LegListener;
type MessageHandler = (message: IncomingRequest) => void | Promise<void>;

/** The SDK's user agent on an endpoint. */
export class EndpointUserAgent implements UserAgent {
  readonly #run: Guard;
  /** How its calls leave, as far as the route says it. */
  readonly #way: Pick<CallCoreOptions, 'protocol' | 'isSecure'>;
  /** Requests that wait for their response, and subscriptions. */
  readonly #open = new Set<SingleRequest | ClientSubscription>();
  #isClosed = false;

  constructor(
    private readonly endpoint: SipEndpoint,
    private readonly options: EndpointUserAgentOptions,
  ) {
    this.#run = guardWith(options.log);
    const hop = routeHop(options.routeSet[0] ?? '');
    this.#way = { protocol: namedProtocol(hop), isSecure: hop.isSecure };
    endpoint.serve(options.user);
  }

  get host(): string {
    return this.endpoint.host;
  }

  get port(): number {
    return this.endpoint.port;
  }

  invite(invitation: Invitation, listener: LegListener): OutgoingLeg {
    const { digest, routeSet } = this.#clientOptions(invitation);
    const options = { digest, routeSet, run: this.#run };
    return this.#begin(
      invitation,
      (core) => {
        const { onMessage } = invitation;
        if (onMessage) this.endpoint.tap(core.callId, (message) => this.#run(() => onMessage(message)));
        return new ClientLeg(core, invitation, listener, options);
      },
      invitation.contactUser,
    );
  }

  /** @throws Error when somebody answers calls to the same user part already */
  onInvite(handler: InviteHandler): void {
    this.endpoint.handle(this.options.user, 'INVITE', (invite, source) => this.#takeCall(invite, source, handler));
  }

  async request(request: OutOfDialogRequest): Promise<SipResponse> {
    const sending = this.#begin(request, (core) => new SingleRequest(core, request, this.#clientOptions(request)));
    this.#open.add(sending);
    try {
      return await sending.response;
    } finally {
      this.#open.delete(sending);
    }
  }

  /** @throws Error when somebody takes messages to the same user part already */
  onMessage(handler: MessageHandler): void {
    this.endpoint.handle(this.options.user, 'MESSAGE', (message) =>
      this.#run(
        () => handler(message),
        () => message.reply(500),
      ),
    );
  }

  subscribe(request: SubscriptionRequest, listener: SubscriptionListener): Subscription {
    const onOver = (): void => void this.#open.delete(subscription);
    const options = { ...this.#clientOptions(request), run: this.#run, onOver };
    const subscription = this.#begin(request, (core) => new ClientSubscription(core, request, listener, options));
    this.#open.add(subscription);
    return subscription;
  }

  /** Nobody is reached under the user part any more, nothing new is sent; subscriptions and waiting requests end. Calls go on. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.endpoint.dismiss(this.options.user);
    await Promise.all([...this.#open].map((each) => each.close()));
    await this.options.onClosed?.();
  }

  /** Makes what sends requests of ours, in a core of its own. @throws Error after the end */
  #begin<T>({ from }: Addressing, make: (core: CallCore) => T, contactUser = this.options.user): T {
    if (this.#isClosed) throw new Error('The user agent is closed');
    const core = this.endpoint.newCore({
      callId: newCallId(this.host),
      localTag: newTag(),
      contactUser,
      displayName: quoted(from.displayName),
      proxy: this.options.proxy,
      protocol: this.#way.protocol,
      isSecure: this.#way.isSecure,
    });
    try {
      return make(core);
    } catch (error) {
      core.dispose();
      throw error;
    }
  }

  #clientOptions({ credentials }: Addressing): { digest: DigestClient; routeSet: string[] } {
    const { routeSet, identityOf } = this.options;
    return { digest: new DigestClient(identityOf(credentials)), routeSet };
  }

  #takeCall(invite: IncomingRequestMessage, source: Origin, handler: InviteHandler): void {
    const core = this.endpoint.newCore({
      callId: invite.callId,
      localTag: newTag(),
      invite,
      contactUser: this.options.user,
      displayName: '',
      proxy: this.options.proxy,
      protocol: source.transport,
      isSecure: invite.ruri?.scheme === 'sips',
    });
    const digest = new DigestClient(undefined);
    const leg = new ServerLeg(core, digest, this.#run, invite, source);
    this.#run(
      () => leg.listen(listenerIn(handler(leg))),
      () => leg.abandon(),
    );
  }
}

/** JavaScript lets a handler return anything, most likely the promise of an async one. @throws TypeError where it is no listener */
function listenerIn(returned: unknown): LegListener {
  if (typeof returned === 'object' && returned !== null && !(returned instanceof Promise)) return returned;
  if (returned instanceof Promise) returned.catch(() => undefined); // what matters is the error here
  throw new TypeError(`The handler of onInvite must return a listener, and returned ${String(returned)}`);
}

/** A display name inside quotes: backslash and quote are escaped (RFC 3261 section 25.1), line breaks cannot be. */
function quoted(displayName = ''): string {
  if (!/[\p{Cc}"\\]/u.test(displayName)) return displayName;
  return displayName.replace(/\p{Cc}/gu, ' ').replace(/["\\]/g, '\\$&');
}
