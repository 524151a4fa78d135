/** The status line of a `message/sipfrag` body (RFC 3420), as a NOTIFY of a REFER carries it (RFC 3515 section 2.4.5). */
export interface Sipfrag {
  readonly status: number;
  readonly statusLine: string;
}

const STATUS_LINE = /^SIP\/2\.0 ([1-6]\d\d)( \P{Cc}{0,200})?$/u;

/** Reads the first line of a body; undefined when it is no status line. */
export function parseSipfrag(body: string): Sipfrag | undefined {
  const [, status, reason = ''] = STATUS_LINE.exec(body.slice(0, 256).split(/\r?\n/, 1)[0]?.trimEnd() ?? '') ?? [];
  return status === undefined ? undefined : { status: Number(status), statusLine: `SIP/2.0 ${status}${reason}` };
}
