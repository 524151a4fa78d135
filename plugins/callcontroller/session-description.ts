import type { Body } from '../../sdk/index.js';
import { contentOf } from './body-parts.js';

const SDP = /^\s*application\/sdp\s*(?:;|$)/i;

/** The session description of a body, or of the first part of a multipart body that is one. */
export function descriptionIn(body: Body | undefined): string | undefined {
  return contentOf(body, SDP);
}

/** `RTP/SAVP`, and with DTLS `UDP/TLS/RTP/SAVPF`, among the media lines. */
const KEYED_LINE = /^m=\S+[ \t]+\S+[ \t]+\S*SAVPF?[ \t]/im;

/** Whether a description has media with keys (RFC 4568, RFC 5764). */
export function isKeyed(description: string): boolean {
  return KEYED_LINE.test(description);
}
