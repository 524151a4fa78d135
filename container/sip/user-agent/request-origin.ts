import { defaultPort, withoutBrackets } from '../message/host-port.js';
import type { RequestMessage, Via } from '../message/parser/index.js';
import { serverKey } from '../transaction/matching.js';
import type { Origin, Source } from '../transport/transport.js';

/**
 * Notes in a received request which transaction it belongs to, and in its top Via where it came from.
 * @returns where its responses go
 */
export function noteOrigin(request: RequestMessage, source: Source): Origin {
  const via = request.parseHeader('Via');
  if (!via) throw new Error('The request has no Via'); // unreachable: the parser refuses such a request
  noteSource(request, via, source);
  request.viaBranch = serverKey(request, via);
  return originOf(source, via);
}

/** Responses go to the source port if the client asks for that (RFC 3581 section 4), else to that of its sent-by (RFC 3261 section 18.2.2). */
function originOf({ transport, address, port, connection }: Source, via: Via): Origin {
  const isAsked = transport === 'UDP' && via.rport !== undefined;
  const replyPort = isAsked ? port : (via.port ?? defaultPort(transport));
  return { transport, address, port, connection, replyPort, sentByHost: withoutBrackets(via.host) };
}

/**
 * Writes into the top Via where the request really came from (RFC 3261 section 18.2.1). The port is noted only if the client asks for
 * that (RFC 3581 section 4): others may send from one port and listen on another.
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

/** Drops what the client itself has put there. Skips quoted strings. */
function withoutSource(via: string): string {
  const parameters = /"(?:[^"\\]|\\.)*"|;\s*(?:received|rport)(?:\s*=\s*[^;,\s]*)?(?=\s*(?:;|$))/gi;
  return via.replace(parameters, (text) => (text.startsWith('"') ? text : ''));
}
