import { SipStack } from '../../container/sip/stack.js';
import type { Body, IncomingLeg, IncomingRequest, Leg, LegListener, Log } from '../../sdk/index.js';

const silent: Log = { debug: nothing, info: nothing, warn: nothing, error: nothing };
const answer: Body = {
  contentType: 'application/sdp',
  content:
    'v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio 9 RTP/AVP 0\r\na=inactive\r\n',
};

export interface Telephone {
  readonly port: number;
  close(): Promise<void>;
}

/**
 * A telephone on the project's own SIP stack, for bad links that SIPp's scripts cannot handle. The telephone answers every call at once,
 * follows REFER, and sends NOTIFYs of 100, 180 and 200, each after the one before has arrived.
 *
 * @param t1Ms timer T1 of this process's stack
 */
export async function startTelephone(t1Ms: number): Promise<Telephone> {
  const stack = await SipStack.open({
    host: '127.0.0.1',
    port: 0,
    t1Ms,
    domain: 'example.com',
    proxy: undefined,
    log: silent,
    secretOf: () => undefined,
  });
  stack.forPlugin('phone', silent).onInvite(pickUp);
  return { port: stack.port, close: () => stack.close() };
}

function pickUp(leg: IncomingLeg): LegListener {
  leg.progress(180);
  leg.accept(answer);
  return { onRequest: (request) => onRequest(leg, request) };
}

function onRequest(leg: Leg, request: IncomingRequest): void {
  if (request.method !== 'REFER') return;
  request.reply(202);
  notify(leg, [
    ['SIP/2.0 100 Trying', 'active;expires=60'],
    ['SIP/2.0 180 Ringing', 'active;expires=60'],
    ['SIP/2.0 200 OK', 'terminated;reason=noresource'],
  ]);
}

function notify(leg: Leg, states: readonly (readonly [status: string, subscription: string])[]): void {
  const [next, ...rest] = states;
  if (!next) return leg.release();
  const [status, subscription] = next;
  const options = {
    headers: [
      ['Event', 'refer'],
      ['Subscription-State', subscription],
    ] as const,
    body: { contentType: 'message/sipfrag', content: `${status}\r\n` },
  };
  leg.send('NOTIFY', options, ({ final }) => {
    if (final) notify(leg, rest);
  });
}

function nothing(): void {
  // Tests observe the telephone by other means.
}
