import { expect } from 'chai';
import type { Script } from './invite-rig.js';
import type { Traffic } from './traffic.js';

/** The calling phone answers. */
export const lifted: Script = ['invited', 'respond status="180 Ringing"', 'answer'];
export const rings: Script = ['called', 'respond status="180 Ringing"'];
/** Record in GET of a successful call. */
export const over: Script = ['calling Terminated 200 OK', 'called Terminated 200 OK'];

/** Parameter of a response with the phone's tag. */
export const tagged = 'tag=";tag=[pid]phone[call_number]"';

/** A phone gets an offer in a re-INVITE. @param values of the phone's description */
export function agrees(offer = '', values = 'version="2"'): Script {
  return [`reoffered ${offer}`, `describes ${values}`, 'acknowledged'];
}

/** The called phone rings and answers. @param acknowledged the expected ACK */
export function offers(acknowledged = 'answered'): Script {
  return [...rings, `describes name="bob" port="7080" ${tagged}`, acknowledged];
}

/** Asserts that the controller forwarded a description with another origin, and otherwise byte by byte. */
export function expectCarried(traffic: Traffic, from: string, to: string, version: number): void {
  const sent = sdpOf(traffic, from);
  const passed = sdpOf(traffic, to);
  expect(passed.replace(/^o=.*$/m, ''), `${to} after ${from}`).to.equal(sent.replace(/^o=.*$/m, ''));
  expect(originOf(passed).slice(2)).to.deep.equal([String(version), 'IN', 'IP4', '127.0.0.1']);
}

/** Session id and version of the descriptions sent to a phone, in order. */
export function originsTo(traffic: Traffic, phone: string): string[][] {
  return traffic.messages
    .filter(({ name, text }) => name.startsWith(`to ${phone}: `) && /^o=/m.test(text))
    .map(({ text }) => originOf(text).slice(1, 3));
}

/** Headers that belong to one hop or one dialog. */
const hopByHop =
  /^(?:Via|From|To|Call-ID|CSeq|Max-Forwards|Contact|Route|Record-Route|Content-Length|Authorization|User-Agent):/i;

/** Asserts that the controller forwarded headers and body of a message, and nothing else. */
export function expectPassed(traffic: Traffic, from: string, to: string): void {
  const [sent, passed] = [from, to].map((name) => {
    const { text } = traffic.messages.find((message) => message.name === name) ?? { text: `no ${name}` };
    const [head = '', body] = text.split('\r\n\r\n', 2);
    const [startLine = '', ...fields] = head.split('\r\n');
    const status = startLine.startsWith('SIP/2.0 ') ? startLine : startLine.split(' ')[0];
    return { status, fields: fields.filter((field) => !hopByHop.test(field)).toSorted(), body };
  });
  expect(passed, `${to} after ${from}`).to.deep.equal(sent);
}

/** The values of a header field in a message. */
export function headersOf(traffic: Traffic, name: string, header: string): string[] {
  const { text } = traffic.messages.find((message) => message.name === name) ?? { text: '' };
  expect(text, name).not.to.equal('');
  return [...text.matchAll(new RegExp(`^${header}: *([^\r]*)\r$`, 'gim'))].map(([, value = '']) => value);
}

function sdpOf(traffic: Traffic, name: string): string {
  const { text } = traffic.messages.find((message) => message.name === name) ?? { text: '' };
  const [, body = ''] = /\r\n\r\n(.*)$/s.exec(text) ?? [];
  expect(body, name).to.match(/^v=0\r\n/);
  return body;
}

function originOf(text: string): string[] {
  return /^o=(.*)\r$/m.exec(text)?.[1]?.split(' ') ?? [];
}
