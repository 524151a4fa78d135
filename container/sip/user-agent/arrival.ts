import { defaultPort, withoutBrackets } from '../message/host-port.js';
import type { RequestMessage, Via } from '../message/parser/index.js';
import { serverKey } from '../transaction/matching.js';
import type { Origin, Source } from '../transport/transport.js';

/** Notes in a request that came: where it came from, which transaction it belongs to, who sent it. */
export function prepareArrival(request: RequestMessage, source: Source): Origin {
  const via = request.parseHeader('Via');
  if (!via) throw new Error('The request has no Via'); // the parser has refused it
  noteSource(request, via, source);
  request.viaBranch = serverKey(request, via);
  return originOf(source, via);
}

/** The port that a client asks to be answered on, else that of its sent-by (RFC 3581 section 4, RFC 3261 section 18.2.2). */
function originOf({ transport, address, port, connection }: Source, via: Via): Origin {
  const isAsked = transport === 'UDP' && via.rport !== undefined;
  const replyPort = isAsked ? port : (via.port ?? defaultPort(transport));
  return { transport, address, port, connection, replyPort, sentByHost: withoutBrackets(via.host) };
}

/**
 * Writes into the top Via where the request really came from, for the way back (RFC 3261 section 18.2.1). The port is noted
 * only where the client asks for that (RFC 3581 section 4): others may send from one port and listen on another.
 */
function noteSource(request: RequestMessage, via: Via, source: Source): void {
  const header = request.fields.first('Via');
  if (!header) return;
  const wantsPort = via.rport !== undefined;
  const isNamed = wantsPort || via.received !== undefined;
  const raw = isNamed ? withoutSource(header.raw) : header.raw;
  if (wantsPort) header.raw = `${raw};received=${source.address};rport=${source.port}`;
  else if (withoutBrackets(via.host) !== source.address) header.raw = `${raw};received=${source.address}`;
  else header.raw = raw;
}

/** What the client itself says there is not believed. Quoted strings are stepped over. */
function withoutSource(via: string): string {
  const parameters = /"(?:[^"\\]|\\.)*"|;\s*(?:received|rport)(?:\s*=\s*[^;,\s]*)?(?=\s*(?:;|$))/gi;
  return via.replace(parameters, (text) => (text.startsWith('"') ? text : ''));
}
