import { createHash } from 'node:crypto';
import { expect } from 'chai';
import type { LoggedMessage } from './message-log.js';

/**
 * Rules for the requests to a phone in every call, whatever the outcome: one Call-ID, one From, rising CSeq numbers
 * in each dialog, a branch for each transaction, and a correct answer to every challenge.
 */
export function expectHonestRequests(messages: readonly LoggedMessage[], password: string): void {
  const requests = messages.filter(({ direction, startLine }) => direction === 'received' && isRequest(startLine));
  expect(new Set(requests.map((request) => request.header('Call-ID'))), 'Call-ID').to.have.lengthOf(1);
  expect(new Set(requests.map((request) => request.header('From'))), 'From').to.have.lengthOf(1);
  for (const request of requests) expect(request.header('Max-Forwards'), 'Max-Forwards').to.match(/^\d+$/);
  expectRisingCseq(requests);
  expectTrueDigests(requests, password);
}

function expectRisingCseq(requests: readonly LoggedMessage[]): void {
  const branches = new Map<string, string>();
  const highest = new Map<string, number>();
  for (const request of requests) {
    const { number, method } = cseqOf(request);
    expect(request.startLine.split(' ')[0]).to.equal(method);
    // Forks are separate dialogs; their CSeq numbers continue from the INVITE (RFC 3261 12.1.2).
    const dialog = /;tag=([^;]+)/.exec(request.header('To') ?? '')?.[1] ?? '';
    const last = highest.get(dialog) ?? highest.get('') ?? 0;
    const transaction = `${dialog} ${number} ${method}`;
    if (method === 'ACK' || method === 'CANCEL') {
      expect(number, `CSeq of ${method}`).to.be.at.most(last);
    } else if (!branches.has(transaction)) {
      const branch = /;branch=(z9hG4bK[^;,]+)/.exec(request.header('Via') ?? '')?.[1] ?? 'none';
      expect(number, `CSeq of ${method}`).to.be.greaterThan(last);
      expect([...branches.values(), 'none'], 'branch').to.not.include(branch);
      branches.set(transaction, branch);
      highest.set(dialog, number);
    }
  }
}

/** A response to a digest with `qop=auth` and MD5 (RFC 7616 3.4.1), each `nc` of a nonce used for one request. */
function expectTrueDigests(requests: readonly LoggedMessage[], password: string): void {
  const used = new Map<string, string>();
  for (const request of requests) {
    for (const credentials of [request.header('Authorization'), request.header('Proxy-Authorization')]) {
      if (!credentials) continue;
      const { username, realm, nonce, nc, cnonce, qop, uri, response } = digestParameters(credentials);
      const { number, method } = cseqOf(request);
      // The ACK repeats the credentials of its INVITE (RFC 3261 22.1).
      const signedMethod = method === 'ACK' ? 'INVITE' : method;
      const secret = md5(`${username}:${realm}:${password}`);
      expect(response).to.equal(md5([secret, nonce, nc, cnonce, qop, md5(`${signedMethod}:${uri}`)].join(':')));
      if (method !== 'ACK') expect(uri).to.equal(request.startLine.split(' ')[1]);

      const count = `${realm} ${nonce} ${nc}`;
      const transaction = `${number} ${signedMethod}`;
      expect(used.get(count) ?? transaction, `nc=${nc} was used before`).to.equal(transaction);
      used.set(count, transaction);
    }
  }
}

function digestParameters(credentials: string): Readonly<Record<string, string | undefined>> {
  const pairs = credentials.matchAll(/(\w+)=(?:"([^"]*)"|([^\s,"]+))/g);
  return Object.fromEntries([...pairs].map(([, name, quoted, token]) => [name, quoted ?? token]));
}

function cseqOf(message: LoggedMessage): { number: number; method: string } {
  const [number, method = ''] = (message.header('CSeq') ?? '').split(/ +/);
  return { number: Number(number), method };
}

function isRequest(startLine: string): boolean {
  return !startLine.startsWith('SIP/2.0 ');
}

function md5(text: string): string {
  return createHash('md5').update(text).digest('hex');
}
