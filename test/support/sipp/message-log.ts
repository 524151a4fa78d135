/** A SIP message in SIPp's log. */
export interface LoggedMessage {
  readonly direction: 'received' | 'sent';
  /** Request line or status line. */
  readonly startLine: string;
  readonly body: string;
  /** First value of a header field, by name in any case. */
  header(name: string): string | undefined;
}

/** Parses the log that SIPp writes with `-trace_msg`. */
export function readMessageLog(text: string): LoggedMessage[] {
  return text.split(/^-{40,} /m).flatMap((entry) => {
    const [, verb, message = ''] = /^[^\n]*\nUDP message (received|sent) [^\n]*\n\n([\s\S]*)/.exec(entry) ?? [];
    return verb ? [{ direction: verb === 'sent' ? 'sent' : 'received', ...parse(message) }] : [];
  });
}

function parse(text: string): Omit<LoggedMessage, 'direction'> {
  const [head = '', ...rest] = text.split(/\r?\n\r?\n/);
  const [startLine = '', ...lines] = head.split(/\r?\n/);
  const fields = lines.map((line) => /^([^:\s]+)\s*:\s*(.*)$/.exec(line));
  return {
    startLine,
    body: rest.join('\r\n\r\n').trim(),
    header: (name) => fields.find((field) => field?.[1]?.toLowerCase() === name.toLowerCase())?.[2],
  };
}
