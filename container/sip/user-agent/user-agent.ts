import type { RequestMessage } from '../message/parser/received-message.js';
import type {
  Addressing,
  IncomingLeg,
  IncomingRequest,
  Invitation,
  Leg,
  LegListener,
  LegSnapshot,
  Log,
  OutgoingLeg,
  OutOfDialogRequest,
  Restoration,
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
import { readSnapshot } from '../dialog/restored-dialog.js';
import { RestoredLeg } from './restored-leg.js';
import { type Guard, guardWith } from './listener.js';
import { namedProtocol, routeHop } from '../location/next-hop.js';
import { ClientLeg } from './outgoing-leg.js';
import { SingleRequest } from './single-request.js';
import { ClientSubscription } from './subscription.js';
import type { Origin } from '../transport/transport.js';

export interface EndpointUserAgentOptions {
  /** User part of the Contact, and of the Request-URIs that it serves. */
  readonly user: string;
  /** Route header values of requests outside a dialog, at least one: the domain's proxy. */
  readonly routeSet: string[];
  /** The proxy's addresses. */
  readonly proxy: Pick<ServerAddresses, 'includes'>;
  readonly log: Log;
  /** Finds the identity that answers challenges with an invitation's credentials. */
  readonly identityOf: (credentials: Addressing['credentials']) => DigestIdentity | undefined;
  /** Closes what belongs to this user agent alone. */
  readonly onClosed?: (() => Promise<void>) | undefined;
}

type InviteHandler = (leg: IncomingLeg) => LegListener;
type MessageHandler = (message: IncomingRequest) => void | Promise<void>;

/** The SDK's user agent on an endpoint. */
export class EndpointUserAgent implements UserAgent {
  readonly #run: Guard;
  /** Transport and scheme of its calls, as far as the first Route names them. */
  readonly #firstHop: Pick<CallCoreOptions, 'protocol' | 'isSecure'>;
  /** Requests that wait for their response, and subscriptions. */
  readonly #waiting = new Set<SingleRequest | ClientSubscription>();
  #isClosed = false;

  constructor(
    private readonly endpoint: SipEndpoint,
    private readonly options: EndpointUserAgentOptions,
  ) {
    this.#run = guardWith(options.log);
    const hop = routeHop(options.routeSet[0] ?? '');
    this.#firstHop = { protocol: namedProtocol(hop), isSecure: hop.isSecure };
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
        this.#tap(core, invitation.onMessage);
        return new ClientLeg(core, invitation, listener, options);
      },
      invitation.contactUser,
    );
  }

  restore(snapshot: LegSnapshot, { credentials, onMessage }: Restoration, listener: LegListener): Leg {
    const { options, state, challenges } = readSnapshot(snapshot);
    const digest = this.#newDigest(credentials);
    return this.#open({ ...options, proxy: this.options.proxy }, (core) => {
      this.#tap(core, onMessage);
      digest.restore(core.routing.toRoute(this.options.routeSet[0] ?? ''), challenges);
      return new RestoredLeg(core, state, digest, this.#run, listener);
    });
  }

  /** @throws Error if calls to this user part have a handler already */
  onInvite(handler: InviteHandler): void {
    this.endpoint.handle(this.options.user, 'INVITE', (invite, source) => this.#takeCall(invite, source, handler));
  }

  async request(request: OutOfDialogRequest): Promise<SipResponse> {
    const sending = this.#begin(request, (core) => new SingleRequest(core, request, this.#clientOptions(request)));
    this.#waiting.add(sending);
    try {
      return await sending.response;
    } finally {
      this.#waiting.delete(sending);
    }
  }

  /** @throws Error if messages to this user part have a handler already */
  onMessage(handler: MessageHandler): void {
    this.endpoint.handle(this.options.user, 'MESSAGE', (message) =>
      this.#run(
        () => handler(message),
        () => message.reply(500),
      ),
    );
  }

  subscribe(request: SubscriptionRequest, listener: SubscriptionListener): Subscription {
    const onOver = (): void => void this.#waiting.delete(subscription);
    const options = { ...this.#clientOptions(request), run: this.#run, onOver };
    const subscription = this.#begin(request, (core) => new ClientSubscription(core, request, listener, options));
    this.#waiting.add(subscription);
    return subscription;
  }

  /** Stops serving the user part and sending anything new; ends subscriptions and waiting requests. Calls go on. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.endpoint.dismiss(this.options.user);
    await Promise.all([...this.#waiting].map((each) => each.close()));
    await this.options.onClosed?.();
  }

  /** Makes a sender of requests, with a core of its own. @throws Error if the user agent is closed */
  #begin<T>({ from }: Addressing, make: (core: CallCore) => T, contactUser = this.options.user): T {
    const options: CallCoreOptions = {
      callId: newCallId(this.host),
      localTag: newTag(),
      contactUser,
      displayName: quoted(from.displayName),
      proxy: this.options.proxy,
      protocol: this.#firstHop.protocol,
      isSecure: this.#firstHop.isSecure,
    };
    return this.#open(options, make);
  }

  #open<T>(options: CallCoreOptions, make: (core: CallCore) => T): T {
    if (this.#isClosed) throw new Error('The user agent is closed');
    const core = this.endpoint.newCore(options);
    try {
      return make(core);
    } catch (error) {
      core.dispose();
      throw error;
    }
  }

  #clientOptions({ credentials }: Addressing): { digest: DigestClient; routeSet: string[] } {
    return { digest: this.#newDigest(credentials), routeSet: this.options.routeSet };
  }

  #newDigest(credentials: Addressing['credentials']): DigestClient {
    return new DigestClient(this.options.identityOf(credentials));
  }

  /** Shows the messages of the call to `onMessage`. */
  #tap({ callId }: CallCore, onMessage: Invitation['onMessage']): void {
    if (onMessage) this.endpoint.tap(callId, (message, text) => this.#run(() => onMessage(message, text)));
  }

  #takeCall(invite: RequestMessage, source: Origin, handler: InviteHandler): void {
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

/** A JavaScript handler may return anything, most likely the promise of an async function. @throws TypeError if `returned` is not a listener */
function listenerIn(returned: unknown): LegListener {
  if (typeof returned === 'object' && returned !== null && !(returned instanceof Promise)) return returned;
  if (returned instanceof Promise) returned.catch(() => undefined); // the TypeError below tells the plugin more
  throw new TypeError(`The handler of onInvite must return a listener, and returned ${String(returned)}`);
}

/** A display name inside quotes: backslash and quote are escaped (RFC 3261 section 25.1), line breaks cannot be. */
function quoted(displayName = ''): string {
  if (!/[\p{Cc}"\\]/u.test(displayName)) return displayName;
  return displayName.replace(/\p{Cc}/gu, ' ').replace(/["\\]/g, '\\$&');
}
