import { connect, type TLSSocket } from 'node:tls';

/** An answer as received over the wire. */
export interface Reply {
  readonly status: number;
  /** First value of a header field, by its name in small letters. */
  header(name: string): string | undefined;
  headers(name: string): string[];
  readonly body: string;
}

export interface ExchangeOptions {
  /** Local address in 127.0.0.0/8: another address counts as another client. */
  readonly from?: string;
}

const limitMs = 10_000;

/**
 * Sends raw bytes over one TLS connection, and reads until the server closes the connection.
 * @throws Error after ten seconds
 */
export async function exchange(port: number, bytes: string, options: ExchangeOptions = {}): Promise<Reply[]> {
  const from = options.from === undefined ? {} : { localAddress: options.from };
  return readReplies(connect({ host: '127.0.0.1', port, rejectUnauthorized: false, ...from }), bytes);
}

/** The same over an open connection. */
export async function readReplies(socket: TLSSocket, bytes: string): Promise<Reply[]> {
  const chunks: Buffer[] = [];
  socket.on('data', (chunk: Buffer) => chunks.push(chunk));
  // A server that refuses may close the connection before the request is sent.
  socket.on('error', () => {});
  const closed = new Promise<boolean>((resolve) => socket.once('close', () => resolve(true)));
  socket.write(bytes, 'latin1');
  const limit = setTimeout(() => socket.destroy(new Error('too late')), limitMs);
  await closed;
  clearTimeout(limit);
  if (socket.errored?.message === 'too late') throw new Error(`the connection was still open after ${limitMs} ms`);
  return parseReplies(Buffer.concat(chunks).toString('latin1'));
}

/** The only answer to a request. @throws Error if there are more or none */
export async function ask(port: number, bytes: string, options: ExchangeOptions = {}): Promise<Reply> {
  const replies = await exchange(port, bytes, options);
  const [reply] = replies;
  if (!reply || replies.length > 1) throw new Error(`expected one answer, got ${replies.length}`);
  return reply;
}

/** A request with `Connection: close`; the target goes on the wire as it is. */
export function requestText(method: string, target: string, fields: readonly string[] = [], body?: string): string {
  const length = body === undefined ? [] : [`Content-Length: ${Buffer.byteLength(body, 'latin1')}`];
  const lines = [
    `${method} ${target} HTTP/1.1`,
    'Host: outside.example.com',
    'Connection: close',
    ...fields,
    ...length,
  ];
  return `${lines.join('\r\n')}\r\n\r\n${body ?? ''}`;
}

export function basic(name: string, password: string): string {
  return `Authorization: Basic ${Buffer.from(`${name}:${password}`).toString('base64')}`;
}

function parseReplies(text: string): Reply[] {
  const replies: Reply[] = [];
  let rest = text;
  while (rest !== '') {
    const [, status = '', head = ''] = /^HTTP\/1\.1 (\d{3}) [^\r\n]*\r\n(.*?)\r\n\r\n/s.exec(rest) ?? [];
    if (status === '') throw new Error(`not an HTTP answer: ${rest.slice(0, 200)}`);
    const fields = head.split('\r\n').map((line): [string, string] => {
      const [name = '', ...value] = line.split(': ');
      return [name.toLowerCase(), value.join(': ')];
    });
    const headers = (name: string): string[] => fields.filter(([field]) => field === name).map(([, value]) => value);
    const start = rest.indexOf('\r\n\r\n') + 4;
    const end = start + Number(headers('content-length')[0] ?? 0);
    const body = Buffer.from(rest.slice(start, end), 'latin1').toString('utf8');
    replies.push({ status: Number(status), headers, header: (name) => headers(name)[0], body });
    rest = rest.slice(end);
  }
  return replies;
}
