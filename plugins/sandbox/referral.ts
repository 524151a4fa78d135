import type { Header, IncomingRequest, Leg } from '../../sdk/index.js';
import { uriOf } from './addresses.js';
import type { Line } from './line.js';
import { OutgoingCall } from './outgoing-call.js';

export interface ReferTarget {
  readonly uri: string;
  /** Header fields that the URI asks for, for example `X-ConfPin`. */
  readonly headers: readonly Header[];
}

/**
 * Reads a Refer-To value (RFC 3515 section 2.1). `undefined`: not a SIP URI, or it asks for something else than a call.
 * Of the header fields in the URI only extension fields are taken over: the others could forge the request (RFC 3261 section 19.1.5).
 */
export function referTarget(referTo: string): ReferTarget | undefined {
  const [uri = '', query = ''] = (uriOf(referTo) ?? '').split('?', 2);
  if (!/^sip:[\x21-\x7e]+$/i.test(uri) || /[<>"]/.test(uri)) return undefined;
  if (/;\s*method=(?!INVITE(;|$))/i.test(uri)) return undefined;
  const headers = [...new URLSearchParams(query.replaceAll('+', '%2B'))].filter(
    ([name, value]) => /^X-[A-Za-z0-9-]+$/i.test(name) && /^[\x20-\x7e]*$/.test(value),
  );
  return { uri, headers };
}

/**
 * Follows one REFER: calls the target and reports to the referrer how that goes, one NOTIFY a response (RFC 3515 section 2.4.5). The
 * reports go on after the referrer's BYE, which ends the call and not the subscription (RFC 5057).
 */
export class Referral {
  private over = false;

  /**
   * @param eventId tells this subscription from others in the same dialog; the first needs none (RFC 3515 section 2.4.6)
   * @param onDone called once, when the last NOTIFY was answered
   */
  constructor(
    private readonly leg: Leg,
    private readonly eventId: number | undefined,
    private readonly onDone: () => void,
  ) {}

  /**
   * Calls the target, and only then accepts the REFER: the responses to the call come later.
   * @throws Error when the target cannot be called; the REFER is not answered then
   */
  follow(request: IncomingRequest, target: ReferTarget, line: Line, onEnd: () => void): OutgoingCall {
    const referredBy = request.header('Referred-By');
    const headers: Header[] = referredBy === undefined ? [] : [['Referred-By', referredBy]];
    const call = new OutgoingCall(line, {
      target: target.uri,
      headers: [...headers, ...target.headers],
      onStatus: (statusLine, status) => {
        if (status > 100) this.notify(statusLine, status >= 200);
      },
      onEnd,
    });
    request.reply(202);
    this.notify('SIP/2.0 100 Trying', false);
    return call;
  }

  private notify(statusLine: string, isLast: boolean): void {
    if (this.over) return;
    const event = this.eventId === undefined ? 'refer' : `refer;id=${this.eventId}`;
    const state = isLast ? 'terminated;reason=noresource' : 'active;expires=60';
    this.leg.send(
      'NOTIFY',
      {
        headers: [
          ['Event', event],
          ['Subscription-State', state],
        ],
        body: { contentType: 'message/sipfrag;version=2.0', content: `${statusLine}\r\n` },
      },
      (response) => {
        // A referrer that has forgotten the subscription refuses the NOTIFY: no more of them (RFC 6665 section 4.2.2).
        if (response.final && (isLast || response.status >= 300)) this.finish();
      },
    );
  }

  private finish(): void {
    if (this.over) return;
    this.over = true;
    this.onDone();
  }
}
