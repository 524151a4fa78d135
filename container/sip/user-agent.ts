import type { IncomingRequestMessage } from 'sip.js/lib/core/index.js';
import type { IncomingLeg, Invitation, LegListener, Log, OutgoingLeg, UserAgent } from '../../sdk/index.js';
import { CallCore, type CallCoreOptions } from './call-core.js';
import { DigestClient, type DigestSecret } from './digest.js';
import type { SipEndpoint } from './endpoint.js';
import { newCallId, newTag } from './identifiers.js';
import { ServerLeg } from './incoming-leg.js';
import { type Guard, guardWith } from './listener.js';
import { namedProtocol, routeHop } from './next-hop.js';
import { ClientLeg } from './outgoing-leg.js';
import type { Source } from './transport.js';

export interface EndpointUserAgentOptions {
  /** User part of the Contact, and of the requests that it takes. */
  readonly user: string;
  /** Route header values of requests outside a dialog, at least one: the domain's proxy. */
  readonly routeSet: string[];
  readonly log: Log;
  /** Finds the secret for an invitation's credentials. */
  readonly secretOf: (credentials: Invitation['credentials']) => DigestSecret | undefined;
}

type InviteHandler = (leg: IncomingLeg) => LegListener;

/** The SDK's user agent on an endpoint. */
export class EndpointUserAgent implements UserAgent {
  readonly #run: Guard;
  /** How its calls leave, as far as the route says it. */
  readonly #way: Pick<CallCoreOptions, 'protocol' | 'isSecure'>;

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
    const { user, routeSet, secretOf } = this.options;
    const digest = new DigestClient(secretOf(invitation.credentials));
    const core = this.#newCore({
      callId: newCallId(this.host),
      localTag: newTag(),
      contactUser: invitation.contactUser ?? user,
      displayName: quoted(invitation.from.displayName),
      ...this.#way,
    });
    try {
      return new ClientLeg(core, invitation, listener, { digest, routeSet, run: this.#run });
    } catch (error) {
      core.dispose();
      throw error;
    }
  }

  /** @throws Error when somebody answers calls to the same user part already */
  onInvite(handler: InviteHandler): void {
    this.endpoint.handle(this.options.user, (invite, source) => this.#take(invite, source, handler));
  }

  /** Nobody is reached under the user part any more. */
  close(): void {
    this.endpoint.dismiss(this.options.user);
  }

  #take(invite: IncomingRequestMessage, source: Source, handler: InviteHandler): void {
    const { callId } = invite;
    const core = this.#newCore({
      callId,
      localTag: newTag(),
      first: invite,
      contactUser: this.options.user,
      displayName: '',
      protocol: source.transport,
      isSecure: invite.ruri?.scheme === 'sips',
    });
    const digest = new DigestClient(undefined);
    const leg = core.answering(source, () => new ServerLeg(core, digest, this.#run, invite));
    this.#run(
      () => leg.listen(handler(leg)),
      () => {
        leg.reject(500);
        leg.release();
      },
    );
  }

  #newCore(options: CallCoreOptions): CallCore {
    const core = new CallCore(options, this.endpoint);
    this.endpoint.add(core);
    return core;
  }
}

/** A display name inside quotes: backslash and quote are escaped (RFC 3261 section 25.1), line breaks cannot be. */
function quoted(displayName = ''): string {
  return displayName.replace(/\p{Cc}/gu, ' ').replace(/["\\]/g, '\\$&');
}
