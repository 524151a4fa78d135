import { randomBytes } from 'node:crypto';

/** The discard port, since no media is wanted. */
export const NO_PORT = 9;

/** How a line that carries no media is described: both leave the telephone nothing to hear, see docs/sip-conformance.md. */
export type Silence = 'inactive' | 'sendonly';

/** `m=` of RFC 4566 section 5.14: media, port with or without the number of ports, protocol, formats. */
const MEDIA_LINE = /^m=(\S+)[ \t]+(\S+)[ \t]+(\S+)[ \t]+(\S.*)$/;
/** Profiles whose media need no key. With `UDP/TLS/RTP/SAVP(F)` the key comes by DTLS (RFC 5763), which the controller does not do. */
const PLAIN = /^RTP\/AVPF?$/;
/** Profiles whose key is in the description (RFC 4568). */
const KEYED = /^RTP\/SAVPF?$/;
/** From here on a payload type needs an rtpmap (RFC 3551 section 6). */
const FIRST_UNASSIGNED = 35;
/** `a=crypto` without session parameters, which both sides would have to heed (RFC 4568 section 6.3). */
const CRYPTO = /^a=crypto:(\d{1,9})[ \t]+(\w+)[ \t]+inline:[^ \t;]+[ \t]*$/i;
/** Octets of master key and salt (RFC 4568 section 6.2, RFC 6188 section 4, RFC 7714 section 14). */
const KEY_LENGTHS: Readonly<Record<string, number>> = {
  AES_CM_128_HMAC_SHA1_80: 30,
  AES_CM_128_HMAC_SHA1_32: 30,
  F8_128_HMAC_SHA1_80: 30,
  AES_192_CM_HMAC_SHA1_80: 38,
  AES_192_CM_HMAC_SHA1_32: 38,
  AES_256_CM_HMAC_SHA1_80: 46,
  AES_256_CM_HMAC_SHA1_32: 46,
  AEAD_AES_128_GCM: 28,
  AEAD_AES_256_GCM: 44,
};

/**
 * The media lines of an answer that takes no media (RFC 3264 section 6), one for each line of the offer, in its order. Audio is
 * accepted where the answer can say all that it has to: an rtpmap for each dynamic payload type, and a key where the protocol
 * wants one. Every other line comes back as it was offered, with port 0.
 */
export function silentAnswer(offer: string, silence: Silence): string {
  const [session = [], ...media] = offer.split(/^(?=m=)/m).map((section) => section.split(/[\r\n]+/).filter(Boolean));
  return media
    .flatMap(
      (section) => acceptedLines(section, directionOf(section) ?? directionOf(session), silence) ?? declined(section),
    )
    .map((line) => `${line}\r\n`)
    .join('');
}

/** Undefined if the line has to be declined. */
function acceptedLines(
  section: readonly string[],
  direction: string | undefined,
  silence: Silence,
): string[] | undefined {
  const [, media, port = '', protocol = '', formats = ''] = MEDIA_LINE.exec(section[0] ?? '') ?? [];
  if (media !== 'audio' || !/^[1-9]\d{0,4}$/.test(port)) return undefined;
  const key = keyLine(section);
  if (!PLAIN.test(protocol) && !(KEYED.test(protocol) && key !== undefined)) return undefined;
  const payloads = formats.split(/[ \t]+/).filter((payload) => isDescribed(payload, section));
  if (payloads.length === 0) return undefined;
  const listens = direction === undefined || direction === 'sendrecv' || direction === 'recvonly';
  return [
    `m=audio ${NO_PORT} ${protocol} ${payloads.join(' ')}`,
    ...payloads.flatMap((payload) => section.filter((line) => isFormatOf(payload, line))),
    ...(KEYED.test(protocol) && key !== undefined ? [key] : []),
    `a=${listens ? silence : 'inactive'}`,
  ];
}

/** The line as received, with port 0. */
function declined([line = '']: readonly string[]): string[] {
  return [line.trimEnd().replace(/^(m=\S+[ \t]+)\S+/, '$10')];
}

/** Static payload types are known by their number. */
function isDescribed(payload: string, section: readonly string[]): boolean {
  if (!/^\d{1,3}$/.test(payload) || Number(payload) > 127) return false;
  return Number(payload) < FIRST_UNASSIGNED || section.some((line) => line.startsWith(`a=rtpmap:${payload} `));
}

function isFormatOf(payload: string, line: string): boolean {
  return line.startsWith(`a=rtpmap:${payload} `) || line.startsWith(`a=fmtp:${payload} `);
}

/** Takes the first known suite, with a key that nobody will use, since no media is sent. */
function keyLine(section: readonly string[]): string | undefined {
  for (const line of section) {
    const [, tag = '', suite = ''] = CRYPTO.exec(line) ?? [];
    const length = KEY_LENGTHS[suite];
    if (length !== undefined) return `a=crypto:${tag} ${suite} inline:${randomBytes(length).toString('base64')}`;
  }
  return undefined;
}

function directionOf(lines: readonly string[]): string | undefined {
  for (const line of lines) {
    const direction = /^a=(sendrecv|sendonly|recvonly|inactive)[ \t]*$/.exec(line)?.[1];
    if (direction !== undefined) return direction;
  }
  return undefined;
}
