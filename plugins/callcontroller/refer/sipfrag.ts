import type { Body } from '../../../sdk/index.js';
import { contentOf } from '../body-parts.js';

/** The status line of a `message/sipfrag` body (RFC 3420), as a NOTIFY of a REFER carries it (RFC 3515 section 2.4.5). */
export interface Sipfrag {
  readonly status: number;
  /** With single spaces, and `SIP/2.0` in capitals. */
  readonly statusLine: string;
}

/** The version is spelt in any case (RFC 3261 section 7.1), and some phones write more white space than the grammar has. */
const STATUS_LINE = /^SIP\/2\.0 ([1-6]\d\d)(?: (\P{Cc}{0,200}))?$/iu;
const MAX_LENGTH = 256;
const SIPFRAG = /^\s*message\/sipfrag\s*(?:;|$)/i;

/**
 * Reads the first line that is not blank, of the sipfrag in a multipart body, else of the body of whatever type; undefined when that is
 * no status line.
 */
export function parseSipfrag(body: Body | undefined): Sipfrag | undefined {
  const [line = ''] = (contentOf(body, SIPFRAG) ?? body?.content ?? '')
    .slice(0, MAX_LENGTH)
    .trimStart()
    .split(/[\r\n]/, 1);
  const [, status, reason = ''] = STATUS_LINE.exec(line.replace(/[ \t]+/g, ' ').trimEnd()) ?? [];
  if (status === undefined) return undefined;
  return { status: Number(status), statusLine: `SIP/2.0 ${status}${reason === '' ? '' : ` ${reason}`}` };
}
