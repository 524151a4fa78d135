/** Just enough of SIP for telephones that answer many calls at little cost. */
export interface Message {
  readonly text: string;
  /** Method of a request, or of the request that a response belongs to. */
  readonly method: string;
  /** Undefined for a request. */
  readonly status: number | undefined;
  readonly uri: string;
  readonly callId: string;
  readonly cseq: number;
  readonly toTag: string;
  readonly body: string;
}

export function readMessage(text: string): Message {
  const status = /^SIP\/2\.0 (\d{3})/.exec(text)?.[1];
  const [, cseq = '', method = ''] = /\r\nCSeq: *(\d+) +(\w+)/.exec(text) ?? [];
  return {
    text,
    method,
    status: status === undefined ? undefined : Number(status),
    uri: /^\w+ (\S+)/.exec(text)?.[1] ?? '',
    callId: headerOf(text, 'Call-ID'),
    cseq: Number(cseq),
    toTag: /;tag=([^;\s]+)/.exec(headerOf(text, 'To'))?.[1] ?? '',
    body: text.slice(text.indexOf('\r\n\r\n') + 4),
  };
}

export function headerOf(text: string, name: string): string {
  return new RegExp(`\r\n${name}: *([^\r]*)`, 'i').exec(text)?.[1] ?? '';
}

/** A response to a request. Has a Contact and a description if the response creates or changes a session. */
export function responseTo(request: Message, status: string, tag: string, port: number, body = ''): string {
  const { text } = request;
  const to = headerOf(text, 'To');
  return withBody(
    [
      `SIP/2.0 ${status}`,
      ...[...text.matchAll(/\r\nVia: *([^\r]*)/gi)].map(([, via = '']) => `Via: ${via}`),
      `From: ${headerOf(text, 'From')}`,
      `To: ${to}${to.includes(';tag=') ? '' : `;tag=${tag}`}`,
      `Call-ID: ${request.callId}`,
      `CSeq: ${headerOf(text, 'CSeq')}`,
      `Contact: <sip:phone@127.0.0.1:${port}>`,
    ],
    body,
  );
}

/** The dialog state that a telephone needs to send requests. */
export interface DialogEnd {
  readonly invite: Message;
  readonly tag: string;
}

let branches = 0;

export function requestIn({ invite, tag }: DialogEnd, method: string, cseq: number, port: number, body = ''): string {
  const target = /<([^>]+)>/.exec(headerOf(invite.text, 'Contact'))?.[1] ?? '';
  return withBody(
    [
      `${method} ${target} SIP/2.0`,
      `Via: SIP/2.0/UDP 127.0.0.1:${port};branch=z9hG4bKcrowd${++branches};rport`,
      'Max-Forwards: 70',
      `From: ${headerOf(invite.text, 'To')};tag=${tag}`,
      `To: ${headerOf(invite.text, 'From')}`,
      `Call-ID: ${invite.callId}`,
      `CSeq: ${cseq} ${method}`,
      `Contact: <sip:phone@127.0.0.1:${port}>`,
    ],
    body,
  );
}

/** The ACK of a final response to the telephone's own re-INVITE. The ACK of a 2xx has a new branch, any other that of the INVITE. */
export function acknowledge(end: DialogEnd, response: Message, port: number): string {
  const ack = requestIn(end, 'ACK', response.cseq, port);
  if ((response.status ?? 0) < 300) return ack;
  return ack.replace(/;branch=[^;]+/, `;branch=${branchOf(response)}`);
}

export function branchOf({ text }: Message): string {
  return /\r\nVia:[^\r]*?;branch=([^;,\r]+)/i.exec(text)?.[1] ?? '';
}

/** A session description with one audio line. */
export function sdp(direction = 'sendrecv'): string {
  return `v=0\r\no=- 7 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio 7078 RTP/AVP 0\r\na=${direction}\r\n`;
}

function withBody(lines: readonly string[], body: string): string {
  const type = body ? ['Content-Type: application/sdp'] : [];
  return [...lines, ...type, `Content-Length: ${Buffer.byteLength(body)}`, '', body].join('\r\n');
}
