import { isIPv6 } from 'node:net';

/** Address for incoming RTP. */
export interface MediaAddress {
  readonly host: string;
  readonly port: number;
}

const DIRECTIONS = new Map([
  ['a=sendonly', 'a=recvonly'],
  ['a=recvonly', 'a=sendonly'],
  ['a=inactive', 'a=inactive'],
]);

/**
 * The session description (RFC 4566) that answers an offer: accepts the first audio line with all its codecs, since the packets
 * are sent back unchanged, and refuses the other lines (RFC 3264 section 6). Without an offer, the result is an offer of G.711.
 *
 * @param version number of the description within the call
 * @returns undefined if the offer has no audio over plain RTP
 */
export function sessionDescription(
  offer: string | undefined,
  { host, port }: MediaAddress,
  version: number,
): string | undefined {
  const media = offer === undefined ? [`m=audio ${port} RTP/AVP 0 8`, 'a=sendrecv'] : answerTo(offer, port);
  if (!media) return undefined;
  const net = `IN ${isIPv6(host) ? 'IP6' : 'IP4'} ${host}`;
  const lines = ['v=0', `o=echo 1 ${version} ${net}`, 's=echo', `c=${net}`, 't=0 0', ...media];
  return `${lines.join('\r\n')}\r\n`;
}

function answerTo(offer: string, port: number): string[] | undefined {
  const [session = '', ...sections] = offer.split(/\r?\n(?=m=)/);
  const taken = sections.find((section) => /^m=audio [1-9]\d* RTP\/AVP /.test(section));
  if (taken === undefined) return undefined;
  const direction = directionOf(taken) ?? directionOf(session) ?? 'a=sendrecv';
  return sections.flatMap((section) => (section === taken ? [...take(section, port), direction] : refuse(section)));
}

function take(section: string, port: number): string[] {
  const [media = '', ...lines] = section.split(/\r?\n/);
  const codecs = lines.filter((line) => /^a=(?:rtpmap|fmtp|ptime):/.test(line));
  return [media.replace(/^m=audio \d+/, `m=audio ${port}`), ...codecs];
}

function refuse(section: string): string[] {
  const [media = ''] = section.split(/\r?\n/, 1);
  return [media.replace(/^(m=\S+) \S+/, '$1 0')];
}

function directionOf(section: string): string | undefined {
  const line = section.split(/\r?\n/).find((each) => DIRECTIONS.has(each));
  return line === undefined ? undefined : DIRECTIONS.get(line);
}
