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

/** Names with more than one capital in a word. */
const SPELLINGS = ['Call-ID', 'CSeq', 'Min-SE', 'RAck', 'RSeq', 'WWW-Authenticate'];

/** Names that occur in every message. Others are not cached: an attacker could fill the cache. */
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

/** Canonical names by their usual spellings. */
export const spellings: ReadonlyMap<string, string> = known;

/** The canonical name of a header field: `Via` for `v`, `VIA` and `via`. */
export function canonicalName(name: string): string {
  const exact = known.get(name);
  if (exact !== undefined) return exact;
  const lowerCase = name.toLowerCase();
  return known.get(lowerCase) ?? capitalized(lowerCase);
}

/** The same for a header in a URI, where a single letter is a name and not a compact form. */
export function canonicalUriHeader(name: string): string {
  return name.length === 1 ? name.toUpperCase() : canonicalName(name);
}

/** The spelling of all other names, in messages and in look-ups. */
function capitalized(lowerCase: string): string {
  return lowerCase
    .replaceAll('_', '-')
    .split('-')
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
    .join('-');
}
