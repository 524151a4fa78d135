/**
 * SIP messages as text: a start line, a list of header fields and a body. The proxy passes on what it does not understand, so it keeps
 * the header fields as received. Text is Latin-1 throughout: one character a byte, so nothing is changed on the way.
 */

export interface HeaderField {
  /** The long form: compact forms are expanded when the message is read. */
  readonly name: string;
  readonly value: string;
}

interface MessageParts {
  headers: HeaderField[];
  body: string;
}

export interface Request extends MessageParts {
  readonly kind: 'request';
  readonly method: string;
  uri: string;
}

export interface Response extends MessageParts {
  readonly kind: 'response';
  readonly status: number;
  readonly reason: string;
}

export type Message = Request | Response;

const maxMessageBytes = 16 * 1024;
const maxHeaderFields = 200;
const compactForms: Readonly<Record<string, string>> = {
  c: 'Content-Type',
  e: 'Content-Encoding',
  f: 'From',
  i: 'Call-ID',
  k: 'Supported',
  l: 'Content-Length',
  m: 'Contact',
  o: 'Event',
  r: 'Refer-To',
  b: 'Referred-By',
  s: 'Subject',
  t: 'To',
  u: 'Allow-Events',
  v: 'Via',
};
/** The fields that a proxy takes apart value by value; the others may contain commas that separate nothing. */
const routingFields = new Set(['via', 'route', 'record-route']);

/** Reads a datagram (RFC 3261 section 7). `undefined`: this is not a SIP message, or larger than any we carry. */
export function parseMessage(datagram: Buffer): Message | undefined {
  if (datagram.length > maxMessageBytes) return undefined;
  const text = datagram.toString('latin1');
  const headEnd = text.indexOf('\r\n\r\n');
  if (headEnd < 0) return undefined;
  const [startLine = '', ...lines] = text.slice(0, headEnd).split('\r\n');
  const headers = parseHeaders(lines);
  const body = headers && bodyOf(headers, text.slice(headEnd + 4));
  if (headers === undefined || body === undefined) return undefined;
  const request = /^([A-Za-z0-9!%*_+`'~.-]+) ([\x21-\x7e]+) SIP\/2\.0$/.exec(startLine);
  if (request) return { kind: 'request', method: request[1]!, uri: request[2]!, headers, body };
  const response = /^SIP\/2\.0 ([1-6]\d\d) ([^\0\r\n]*)$/.exec(startLine);
  if (response) return { kind: 'response', status: Number(response[1]), reason: response[2]!, headers, body };
  return undefined;
}

/** The message as it goes on the wire, its Content-Length set anew. */
export function serialize(message: Message): Buffer {
  const startLine =
    message.kind === 'request'
      ? `${message.method} ${message.uri} SIP/2.0`
      : `SIP/2.0 ${message.status} ${message.reason}`;
  const fields = message.headers.filter(({ name }) => !sameName(name, 'Content-Length'));
  const lines = fields.map(({ name, value }) => `${name}: ${value}\r\n`).join('');
  return Buffer.from(`${startLine}\r\n${lines}Content-Length: ${message.body.length}\r\n\r\n${message.body}`, 'latin1');
}

/** First value of a header field, by its long name. */
export function header(message: Message, name: string): string | undefined {
  return message.headers.find((field) => sameName(field.name, name))?.value;
}

export function headersOf(message: Message, name: string): HeaderField[] {
  return message.headers.filter((field) => sameName(field.name, name));
}

/** Puts a header field above all others. */
export function prepend(message: Message, name: string, value: string): void {
  message.headers.unshift({ name, value });
}

/** Replaces the first value of a header field, in its place; appends the field if there is none. */
export function replaceFirst(message: Message, name: string, value: string): void {
  const index = message.headers.findIndex((field) => sameName(field.name, name));
  if (index < 0) message.headers.push({ name, value });
  else message.headers[index] = { name, value };
}

export function removeFirst(message: Message, name: string): void {
  const index = message.headers.findIndex((field) => sameName(field.name, name));
  if (index >= 0) message.headers.splice(index, 1);
}

function sameName(one: string, other: string): boolean {
  return one.toLowerCase() === other.toLowerCase();
}

function parseHeaders(lines: readonly string[]): HeaderField[] | undefined {
  const headers: HeaderField[] = [];
  for (const line of unfold(lines)) {
    const field = /^([A-Za-z0-9!%*_+`'~.-]+)[ \t]*:([^\0\r\n]*)$/.exec(line);
    if (!field) return undefined;
    const name = compactForms[field[1]!.toLowerCase()] ?? field[1]!;
    const value = field[2]!.trim();
    const values = routingFields.has(name.toLowerCase()) ? splitValues(value) : [value];
    headers.push(...values.map((each) => ({ name, value: each })));
    if (headers.length > maxHeaderFields) return undefined;
  }
  return headers;
}

/** Joins continuation lines to the line that they continue (RFC 3261 section 7.3.1). */
function unfold(lines: readonly string[]): string[] {
  const unfolded: string[] = [];
  for (const line of lines) {
    const continues = /^[ \t]/.test(line) && unfolded.length > 0;
    if (continues) unfolded.push(`${unfolded.pop()} ${line.trim()}`);
    else unfolded.push(line);
  }
  return unfolded;
}

/** Splits at the commas that stand neither in quotes nor in angle brackets. */
function splitValues(list: string): string[] {
  const values: string[] = [];
  let start = 0;
  let closing = '';
  for (let at = 0; at < list.length; at++) {
    const character = list[at]!;
    if (closing === '"' && character === '\\') at++;
    else if (closing !== '') closing = character === closing ? '' : closing;
    else if (character === '"') closing = '"';
    else if (character === '<') closing = '>';
    else if (character === ',') {
      values.push(list.slice(start, at));
      start = at + 1;
    }
  }
  values.push(list.slice(start));
  return values.map((value) => value.trim()).filter((value) => value !== '');
}

/** `undefined` where Content-Length promises more than came (RFC 3261 section 18.3), or is not a number. */
function bodyOf(headers: readonly HeaderField[], rest: string): string | undefined {
  const length = headers.find(({ name }) => sameName(name, 'Content-Length'))?.value;
  if (length === undefined) return rest;
  if (!/^\d{1,5}$/.test(length) || Number(length) > rest.length) return undefined;
  return rest.slice(0, Number(length));
}
