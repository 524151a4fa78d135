import { SPACE, digits } from './characters.js';

const LONGEST_REASON = 200;
const VERSION = 'SIP/2.0 ';

export interface Sipfrag {
  /** From 100 to 699. */
  readonly statusCode: number;
  /** `SIP/2.0 180 Ringing`: no control characters, at most 212 characters. */
  readonly statusLine: string;
}

/**
 * Reads the status line of a message/sipfrag body (RFC 3420), the report on a REFER (RFC 3515 section 2.4.5). A reason
 * of more than 200 characters is cut. Undefined where the first line is no status line or has control characters.
 */
export function parseSipfrag(body: string): Sipfrag | undefined {
  const line = firstLine(body);
  if (line.slice(0, VERSION.length).toUpperCase() !== VERSION) return undefined;
  const codeEnd = VERSION.length + 3;
  const statusCode = digits(line, VERSION.length, codeEnd);
  if (statusCode === undefined || statusCode < 100 || statusCode > 699) return undefined;
  if (line.length > codeEnd && line.charCodeAt(codeEnd) !== SPACE) return undefined;
  const reason = cut(line.slice(codeEnd + 1).trim());
  if (hasControl(reason)) return undefined;
  return { statusCode, statusLine: reason === '' ? `${VERSION}${statusCode}` : `${VERSION}${statusCode} ${reason}` };
}

/** A body that ends without a line break is read all the same: the code in it is what the caller waits for. */
function firstLine(body: string): string {
  const bounded = body.slice(0, VERSION.length + 4 + LONGEST_REASON + 2);
  const lineFeed = bounded.indexOf('\n');
  if (lineFeed === -1) return bounded;
  return bounded.charCodeAt(lineFeed - 1) === 0x0d ? bounded.slice(0, lineFeed - 1) : bounded.slice(0, lineFeed);
}

/** Half a surrogate pair at the cut would be no text any more. */
function cut(reason: string): string {
  const bounded = reason.slice(0, LONGEST_REASON);
  const last = bounded.charCodeAt(bounded.length - 1);
  return last >= 0xd800 && last <= 0xdbff ? bounded.slice(0, -1) : bounded;
}

function hasControl(text: string): boolean {
  for (let position = 0; position < text.length; position += 1) {
    const code = text.charCodeAt(position);
    if (code < SPACE || (code >= 0x7f && code <= 0x9f)) return true;
  }
  return false;
}
