/** Compact forms (RFC 3261 section 7.3.3 and the IANA registry). */
const COMPACT: Record<string, string> = {
  a: 'Accept-Contact',
  b: 'Referred-By',
  c: 'Content-Type',
  d: 'Request-Disposition',
  e: 'Content-Encoding',
  f: 'From',
  i: 'Call-ID',
  j: 'Reject-Contact',
  k: 'Supported',
  l: 'Content-Length',
  m: 'Contact',
  n: 'Identity-Info',
  o: 'Event',
  r: 'Refer-To',
  s: 'Subject',
  t: 'To',
  u: 'Allow-Events',
  v: 'Via',
  x: 'Session-Expires',
  y: 'Identity',
};

/** Names that have more capitals than one a word. */
const SPELLINGS = ['Call-ID', 'CSeq', 'Min-SE', 'RAck', 'RSeq', 'WWW-Authenticate'];

/** Names that come in every message: no other is worth remembering, least of all what an attacker makes up. */
const FREQUENT = [
  'Accept',
  'Allow',
  'Allow-Events',
  'Authorization',
  'Contact',
  'Content-Disposition',
  'Content-Length',
  'Content-Type',
  'Date',
  'Event',
  'Expires',
  'From',
  'Max-Forwards',
  'Organization',
  'P-Asserted-Identity',
  'Privacy',
  'Proxy-Authenticate',
  'Proxy-Authorization',
  'Reason',
  'Record-Route',
  'Refer-To',
  'Referred-By',
  'Replaces',
  'Require',
  'Route',
  'Server',
  'Session-Expires',
  'Subject',
  'Subscription-State',
  'Supported',
  'Timestamp',
  'To',
  'Unsupported',
  'User-Agent',
  'Via',
  'Warning',
];

const known = new Map<string, string>();
for (const name of [...SPELLINGS, ...FREQUENT]) {
  known.set(name, name);
  known.set(name.toLowerCase(), name);
}
for (const [compact, name] of Object.entries(COMPACT)) {
  known.set(compact, name);
  known.set(compact.toUpperCase(), name);
}

/** Canonical names by the ways in which they are mostly spelt. */
export const spellings: ReadonlyMap<string, string> = known;

/** Long name of a header field under which the message keeps it: `v`, `VIA` and `via` are `Via`. */
export function canonicalName(name: string): string {
  const exact = known.get(name);
  if (exact !== undefined) return exact;
  const lowerCase = name.toLowerCase();
  return known.get(lowerCase) ?? capitalized(lowerCase);
}

/** The same for a header in a URI, where one letter is no compact form but a name. */
export function canonicalUriHeader(name: string): string {
  return name.length === 1 ? name.toUpperCase() : canonicalName(name);
}

/** The spelling of every other name, also where one is looked up. */
function capitalized(lowerCase: string): string {
  return lowerCase
    .replaceAll('_', '-')
    .split('-')
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
    .join('-');
}
