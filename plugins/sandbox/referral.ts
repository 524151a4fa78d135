import type { Core, URI } from 'sip.js';
import { uriOf } from './addresses.js';
import { readTarget } from './user-agent.js';

export interface ReferTarget {
  readonly uri: URI;
  /** Header lines that the URI asks for, for example `X-ConfPin: 1234`. */
  readonly headers: readonly string[];
}

/**
 * Reads a Refer-To value (RFC 3515 section 2.1). `undefined`: not a SIP URI, or it asks for something else than a call.
 * Of the header fields in the URI only extension fields are taken over: the others could forge the request (RFC 3261 section 19.1.5).
 */
export function referTarget(referTo: string): ReferTarget | undefined {
  const [text = '', query = ''] = (uriOf(referTo) ?? '').split('?', 2);
  const uri = readTarget(text);
  if (uri?.scheme !== 'sip' || !['INVITE', undefined].includes(uri.getParam('method')?.toUpperCase())) return undefined;
  const fields = [...new URLSearchParams(query.replaceAll('+', '%2B'))].filter(
    ([name, value]) => /^X-[A-Za-z0-9-]+$/i.test(name) && /^[\x20-\x7e]*$/.test(value),
  );
  return { uri, headers: fields.map(([name, value]) => `${name}: ${value}`) };
}

/**
 * Tells a referrer how the call goes, one NOTIFY a response (RFC 3515 section 2.4.5), which SIP.js' own `Referral` would mark as the last
 * one each. The reports go on after the referrer's BYE, which ends the call and not the subscription (RFC 5057): the dialog object
 * still knows the tags, the route and the CSeq.
 */
export class ReferReports {
  private over = false;

  /**
   * @param event `refer`, with an id where the dialog has several such subscriptions (RFC 3515 section 2.4.6)
   * @param contact value of the Contact header field
   */
  constructor(
    private readonly dialog: Core.Session,
    private readonly event: string,
    private readonly contact: string,
  ) {}

  notify(statusLine: string, isLast: boolean): void {
    if (this.over) return;
    this.over = isLast;
    const state = isLast ? 'terminated;reason=noresource' : 'active;expires=60';
    this.dialog.notify(
      // A referrer that has forgotten the subscription refuses the NOTIFY: no more of them (RFC 6665 section 4.2.2).
      { onReject: () => (this.over = true) },
      {
        extraHeaders: [`Event: ${this.event}`, `Subscription-State: ${state}`, `Contact: ${this.contact}`],
        body: {
          contentDisposition: 'render',
          contentType: 'message/sipfrag;version=2.0',
          content: `${statusLine}\r\n`,
        },
      },
    );
  }
}
