import type { IncomingLeg, Invitation, LegListener, Log, OutgoingLeg, UserAgent } from '../../sdk/index.js';
import { CallCore } from './call-core.js';
import { DigestClient, type DigestSecret } from './digest.js';
import type { SipEndpoint } from './endpoint.js';
import { newCallId } from './identifiers.js';
import { ServerLeg } from './incoming-leg.js';
import { guarded } from './listener.js';
import { ClientLeg } from './outgoing-leg.js';

export interface EndpointUserAgentOptions {
  /** User part of the Contact, and of the INVITEs that it takes. */
  readonly user: string;
  /** Route header values of requests outside a dialog: the domain's proxy. */
  readonly routeSet: string[];
  readonly log: Log;
  /** Finds the secret for an invitation's credentials. */
  readonly secretOf: (credentials: Invitation['credentials']) => DigestSecret | undefined;
}

/** The SDK's user agent on an endpoint. */
export class EndpointUserAgent implements UserAgent {
  constructor(
    private readonly endpoint: SipEndpoint,
    private readonly options: EndpointUserAgentOptions,
  ) {}

  get host(): string {
    return this.endpoint.host;
  }

  get port(): number {
    return this.endpoint.port;
  }

  invite(invitation: Invitation, listener: LegListener): OutgoingLeg {
    const { user, routeSet, log, secretOf } = this.options;
    const callId = newCallId(this.host);
    const contactUser = invitation.contactUser ?? user;
    const core = new CallCore({ callId, contactUser, displayName: quoted(invitation.from.displayName) }, this.endpoint);
    this.endpoint.add(core);
    try {
      const digest = new DigestClient(secretOf(invitation.credentials));
      return new ClientLeg(core, digest, invitation, routeSet, guarded(listener, log));
    } catch (error) {
      core.dispose();
      throw error;
    }
  }

  onInvite(handler: (leg: IncomingLeg) => LegListener): void {
    const { user, log } = this.options;
    this.endpoint.handle(user, (invite) => {
      const core = new CallCore({ callId: invite.callId, contactUser: user, displayName: '' }, this.endpoint);
      this.endpoint.add(core);
      const leg = new ServerLeg(core, new DigestClient(undefined), invite);
      try {
        leg.listen(guarded(handler(leg), log));
      } catch (error) {
        log.error('SIP call handler failed', { error: String(error) });
        leg.reject(500);
        leg.release();
      }
    });
  }
}

/** A display name inside quotes: backslash and quote are escaped (RFC 3261 section 25.1), line breaks cannot be. */
function quoted(displayName = ''): string {
  return displayName.replace(/\p{Cc}/gu, ' ').replace(/["\\]/g, '\\$&');
}
