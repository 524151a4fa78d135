import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';

/** Record types by their numbers (RFC 1035, 2782, 3403). */
const TYPES: Readonly<Record<number, string>> = { 1: 'A', 33: 'SRV', 35: 'NAPTR' };
const HEADER_BYTES = 12;
const SERVFAIL = 2;

/** Answer to a question such as `SRV _sip._udp.example.test`: record data, an error, or no answer at all. */
export type DnsAnswer = readonly Buffer[] | 'SERVFAIL' | 'silence';

/** A DNS server for one test, with scripted failures. */
export class ScriptedDns {
  readonly questions: string[] = [];

  private constructor(
    private readonly socket: Socket,
    answerTo: (question: string) => DnsAnswer,
  ) {
    socket.on('message', (query, { port, address }) => {
      const { question, end, type } = readQuestion(query);
      this.questions.push(question);
      const answer = answerTo(question);
      if (answer !== 'silence') socket.send(response(query, end, type, answer), port, address);
    });
  }

  static async open(answerTo: (question: string) => DnsAnswer): Promise<ScriptedDns> {
    const socket = createSocket('udp4').bind(0, '127.0.0.1');
    await once(socket, 'listening');
    return new ScriptedDns(socket, answerTo);
  }

  /** `127.0.0.1:port` */
  get address(): string {
    return `127.0.0.1:${this.socket.address().port}`;
  }

  close(): void {
    this.socket.close();
  }
}

export function addressRecord(address: string): Buffer {
  return Buffer.from(address.split('.').map(Number));
}

export function serviceRecord(port: number, target: string): Buffer {
  return Buffer.concat([Buffer.from([0, 1, 0, 0, port >> 8, port & 0xff]), nameOf(target)]);
}

/** A NAPTR record (RFC 3403) with the flag `s`: points to the SRV records of that name. */
export function pointerRecord(service: string, name: string): Buffer {
  const texts = ['s', service, ''].map((text) => Buffer.concat([Buffer.from([text.length]), Buffer.from(text)]));
  return Buffer.concat([Buffer.from([0, 1, 0, 1]), ...texts, nameOf(name)]);
}

function nameOf(name: string): Buffer {
  const labels = name.split('.').map((label) => Buffer.concat([Buffer.from([label.length]), Buffer.from(label)]));
  return Buffer.concat([...labels, Buffer.from([0])]);
}

function readQuestion(query: Buffer): { question: string; end: number; type: number } {
  const labels: string[] = [];
  let position = HEADER_BYTES;
  for (let length = query.readUInt8(position); length > 0; length = query.readUInt8(position)) {
    labels.push(query.toString('latin1', position + 1, position + 1 + length));
    position += 1 + length;
  }
  const type = query.readUInt16BE(position + 1);
  return { question: `${TYPES[type] ?? type} ${labels.join('.').toLowerCase()}`, end: position + 5, type };
}

function response(query: Buffer, questionEnd: number, type: number, answer: Exclude<DnsAnswer, 'silence'>): Buffer {
  const records = answer === 'SERVFAIL' ? [] : answer;
  const header = Buffer.alloc(HEADER_BYTES);
  query.copy(header, 0, 0, 2);
  header.writeUInt16BE(0x8180 | (answer === 'SERVFAIL' ? SERVFAIL : 0), 2);
  header.writeUInt16BE(1, 4);
  header.writeUInt16BE(records.length, 6);
  const sections = records.map((data) => {
    const section = Buffer.alloc(HEADER_BYTES);
    section.writeUInt16BE(0xc00c, 0);
    section.writeUInt16BE(type, 2);
    section.writeUInt16BE(1, 4);
    section.writeUInt32BE(60, 6);
    section.writeUInt16BE(data.length, 10);
    return Buffer.concat([section, data]);
  });
  return Buffer.concat([header, query.subarray(HEADER_BYTES, questionEnd), ...sections]);
}
