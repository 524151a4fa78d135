import type { Header, SipMessage } from '../../../sdk/index.js';

/** Headers that belong to one hop or one dialog, or that the SIP stack writes itself; everything else passes. */
const HOP_BY_HOP = new Set(
  [
    'Via, From, To, Call-ID, CSeq, Max-Forwards, Contact, Route, Record-Route, Path, Content-Length, Content-Type',
    'Authorization, Proxy-Authorization, WWW-Authenticate, Proxy-Authenticate, Authentication-Info, Proxy-Require',
    'Require, Supported, Unsupported, Allow, Session-Expires, Min-SE, Timestamp, RSeq, RAck, Server, User-Agent',
  ]
    .join(', ')
    .toLowerCase()
    .split(', '),
);

/** The headers of a message that are meant for the party at the other end of the call. */
export function endToEndHeaders(message: SipMessage): Header[] {
  return message.headerNames
    .filter((name) => !HOP_BY_HOP.has(name.toLowerCase()))
    .flatMap((name) => message.headers(name).map((value): Header => [name, value]));
}
