import type { Body } from '../../sdk/index.js';
import { contentOf } from './body-parts.js';

const SDP = /^\s*application\/sdp\s*(?:;|$)/i;

/** The session description of a body, or of the first part of a multipart body that is one. */
export function descriptionIn(body: Body | undefined): string | undefined {
  return contentOf(body, SDP);
}
