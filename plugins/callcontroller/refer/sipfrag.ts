/** The status line of a `message/sipfrag` body (RFC 3420), as a NOTIFY of a REFER carries it (RFC 3515 section 2.4.5). */
export interface Sipfrag {
  readonly status: number;
  readonly statusLine: string;
}

const STATUS_LINE = /^SIP\/2\.0 ([1-6]\d\d)(?: \P{Cc}{0,200})?$/u;
const MAX_LENGTH = 256;

/** Reads the first line of a body; undefined when it is no status line. */
export function parseSipfrag(body: string): Sipfrag | undefined {
  const end = body.indexOf('\n');
  const statusLine = body.slice(0, end < 0 ? MAX_LENGTH : Math.min(end, MAX_LENGTH)).trimEnd();
  const status = STATUS_LINE.exec(statusLine)?.[1];
  return status === undefined ? undefined : { status: Number(status), statusLine };
}
