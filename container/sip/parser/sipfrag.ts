const LONGEST_REASON = 200;
const STATUS_LINE = /^SIP\/2\.0 (?<code>[1-6][0-9]{2})(?: (?<reason>.*))?$/is;
const LONGEST_LINE = 'SIP/2.0 200 '.length + LONGEST_REASON;
const CONTROL = /\p{Cc}/u;

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
  const { code, reason: whole = '' } = STATUS_LINE.exec(firstLine(body))?.groups ?? {};
  if (code === undefined) return undefined;
  const reason = bounded(whole.trim());
  if (CONTROL.test(reason)) return undefined;
  return { statusCode: Number(code), statusLine: `SIP/2.0 ${code} ${reason}`.trimEnd() };
}

/** A body that ends without a line break is read all the same: the code in it is what the caller waits for. */
function firstLine(body: string): string {
  const start = body.slice(0, LONGEST_LINE + '\r\n'.length);
  const lineFeed = start.indexOf('\n');
  if (lineFeed === -1) return start;
  return start[lineFeed - 1] === '\r' ? start.slice(0, lineFeed - 1) : start.slice(0, lineFeed);
}

/** Half a surrogate pair at the cut would be no text any more. */
function bounded(reason: string): string {
  const start = reason.slice(0, LONGEST_REASON);
  const last = start.charCodeAt(start.length - 1);
  return last >= 0xd800 && last <= 0xdbff ? start.slice(0, -1) : start;
}
