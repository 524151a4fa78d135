import type { Header, SipMessage } from '../../../sdk/index.js';

function names(...lists: readonly string[]): ReadonlySet<string> {
  return new Set(lists.flatMap((list) => list.toLowerCase().split(', ')));
}

/** Headers that are meant for the telephone at the other end of the call. */
const END_TO_END = names(
  'Accept, Accept-Encoding, Accept-Language, Content-Disposition, Content-Encoding, Content-Language, MIME-Version',
  'Date, Error-Info, Expires, In-Reply-To, Organization, Priority, Reason, Retry-After, Subject, User-to-User, Warning',
  'Allow-Events, Event, Subscription-State, Refer-Sub, Refer-To, Referred-By, Info-Package, Recv-Info',
);

/** Who calls, by which path, and who pays: a proxy or gateway believes these from the controller (RFC 3324 section 2.3). */
const IDENTITIES = names(
  'P-Asserted-Identity, P-Preferred-Identity, P-Called-Party-ID, P-Associated-URI, Remote-Party-ID, RPID-Privacy, Privacy',
  'Diversion, History-Info, P-Charging-Vector, P-Charging-Function-Addresses, P-Access-Network-Info, P-Asserted-Service',
  'P-Preferred-Service, P-Visited-Network-ID, P-Served-User, P-User-Database, P-Profile-Key, P-DCS-Billing-Info',
  'Identity, Identity-Info',
);

/** Headers of sipXecs' proxies, which believe them (`X-sipX-Authidentity`). */
const SIPXECS = 'x-sipx';

/** Which headers of a telephone reach the other one. */
export interface Carriage {
  /** Headers that the configuration adds, in lower case. */
  readonly further: ReadonlySet<string>;
  /** Whether identities that the telephone names are believed (RFC 3325 section 4). */
  readonly isTrusted: boolean;
}

/** Whether a header is for the telephone at the other end. Unknown headers stay here, except private ones (`X-`). */
export function isEndToEnd(name: string, { further, isTrusted }: Carriage): boolean {
  const key = name.toLowerCase();
  if (END_TO_END.has(key) || further.has(key)) return true;
  if (IDENTITIES.has(key) || key.startsWith(SIPXECS)) return isTrusted;
  return key.startsWith('x-');
}

/** The headers of a message that are meant for the party at the other end of the call. */
export function endToEndHeaders(message: SipMessage, carriage: Carriage): Header[] {
  return message.headerNames
    .filter((name) => isEndToEnd(name, carriage))
    .flatMap((name) => message.headers(name).map((value): Header => [name, value]));
}
