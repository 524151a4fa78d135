import { EventEmitter, once } from 'node:events';
import { expect } from 'chai';
import fc from 'fast-check';
import type { Received } from '../../../support/sip-peer.js';
import { Rig } from '../rig.js';

const notifies = 200;
const token = fc.constantFrom('active', 'pending', 'waiting', 'ACTIVE', 'terminate', '', ';', '=', '"', '\0');
// No interval is so short that the refresh, which goes where the hostile Contact leads, falls into the test.
const parameter = fc.constantFrom(
  'expires=60',
  'expires=4294967295',
  'expires=99999999999999999999',
  'expires=-1',
  'expires',
  'retry-after=x',
  'reason="a',
  'reason=rejected',
  '__proto__=1',
  'id=1',
);
const state = fc.tuple(token, fc.array(parameter, { maxLength: 3 })).map((parts) => parts.flat().join(';'));
const address = fc.constantFrom(
  '<sip:peer@127.0.0.1>',
  '*',
  '<tel:+1>',
  '<sip:@>',
  'sip:x',
  '<sip:peer@127.0.0.1:0>',
  '<sips:peer@[::1]>',
);
const notify = fc.record({
  cseq: fc.nat(1000),
  tag: fc.constantFrom('peer', 'other', ''),
  event: fc.constantFrom('presence', 'Presence', 'presence;id=1', 'refer', '', ';', 'presence;;', '"'),
  state,
  contact: fc.option(address),
  body: fc.string({ maxLength: 200 }),
});

type Notify = Parameters<Parameters<typeof notify.map>[0]>[0];

const GOOD: Notify = {
  cseq: 2_000,
  tag: 'peer',
  event: 'presence',
  state: 'active',
  contact: '<sip:peer@127.0.0.1>',
  body: '',
};

describe('A hostile notifier', () => {
  it('can neither end a subscription by a malformed state, nor inject a line into the log', async () => {
    const rig = await Rig.open();
    const heard = new EventEmitter();
    const ends: unknown[] = [];
    rig.peer.onMessage((message) => {
      if (message.kind === 'SUBSCRIBE') rig.peer.reply(message, 200);
    });
    try {
      rig.sip.subscribe(
        {
          uri: 'sip:user2@example.com',
          from: { uri: 'sip:agent@example.com' },
          to: 'sip:user2@example.com',
          event: 'presence',
          expiresSeconds: 600,
        },
        {
          onNotify: ({ body }) => void heard.emit(body?.content ?? ''),
          onEnd: (end) => void ends.push(end),
        },
      );
      const subscribe = await rig.peer.take('SUBSCRIBE');
      send(rig, subscribe, { ...GOOD, cseq: 0 });
      for (const hostile of fc.sample(notify, { numRuns: notifies, seed: 6665 })) {
        send(rig, subscribe, hostile);
        // The kernel would drop messages that are not read in time.
        rig.call({ method: 'OPTIONS' });
        await rig.peer.take('200 OPTIONS');
      }
      const good = once(heard, 'good');
      send(rig, subscribe, { ...GOOD, body: 'good' });
      await good;
      expect(ends).to.deep.equal([]);
      expect(rig.log.lines).to.deep.equal([]);
    } finally {
      await rig.close();
    }
  });
});

function send(rig: Rig, subscribe: Received, { cseq, tag, event, state: stated, contact, body }: Notify): void {
  rig.ask({ invite: subscribe }, 'NOTIFY', cseq, {
    from: `${subscribe.header('To')}${tag ? `;tag=${tag}` : ''}`,
    headers: [`Event: ${event}`, `Subscription-State: ${stated}`, 'Content-Type: text/plain'],
    contact,
    body,
  });
}
