import { expect } from 'chai';
import { type Container } from '../container.js';
import { type DialogStatus, dialogs } from '../dialogs.js';
import type { Phone } from './baresip.js';
import type { PhoneEvent } from './phone-control.js';
import { packetsBetween } from './rtp.js';

const timeoutMs = 10_000;
const spanMs = 600;
/** A phone sends 50 packets a second. */
const packetsInSpan = spanMs / 20;

/** An Invite call that was placed, by its URL path. */
export interface InviteCall {
  /** Waits for an event on a phone; those of earlier calls are left out. */
  happens(phone: Phone, type: string): Promise<PhoneEvent>;
  /** Asks the controller for something else, and expects that it does it. */
  act(query: string): Promise<void>;
  dialogs(): Promise<DialogStatus[]>;
  /** Asks GET until the states of the dialogs are these. */
  waitForStates(...states: readonly string[]): Promise<DialogStatus[]>;
}

/** POSTs a call. @param phones those whose earlier events are left out */
export async function placeInviteCall(
  container: Container,
  path: string,
  phones: readonly Phone[],
  query = '',
): Promise<InviteCall> {
  const past = new Set(phones.flatMap(({ events }) => events));
  const post = async (parameters: string) => {
    const response = await container.post(path + parameters);
    expect({ status: response.status, body: await response.text() }).to.deep.equal({ status: 200, body: '' });
  };
  const legs = async () => dialogs(await (await container.get(path)).text());
  await post(`?sipMethod=Invite${query}`);
  return {
    happens: async (phone, type) =>
      await phone.waitForEvent((event) => event.type === type && !past.has(event), timeoutMs),
    act: post,
    dialogs: legs,
    waitForStates: async (...states) =>
      await until(legs, (found) => String(found.map(({ state }) => state)) === String(states)),
  };
}

/** Waits until two phones hear each other, and proves it by their counts: what one of them sends, the other gets. */
export async function expectTalk(one: Phone, other: Phone): Promise<void> {
  await until(
    () => packetsBetween(one, other, 40),
    ({ one: toOne, other: toOther, strange }) => toOne > 0 && toOther > 0 && strange === 0,
  );
  const packets = await packetsBetween(one, other, spanMs);
  // The machine may be busy: up to a fifth of them may come late.
  expect(packets.one, `packets that ${one.user} got`).to.be.within(packetsInSpan * 0.8, packetsInSpan * 1.2);
  expect(packets.other, `packets that ${other.user} got`).to.be.within(packetsInSpan * 0.8, packetsInSpan * 1.2);
  expect(packets.strange, 'packets of somebody else').to.equal(0);
}

/** Waits until neither phone hears anything, and that it stays so for a while. */
export async function expectSilence(one: Phone, other: Phone): Promise<void> {
  await until(
    () => packetsBetween(one, other, 100),
    (packets) => packets.one + packets.other + packets.strange === 0,
  );
  expect(await packetsBetween(one, other, spanMs)).to.deep.equal({ one: 0, other: 0, strange: 0 });
}

async function until<T>(look: () => Promise<T>, isWanted: (found: T) => boolean): Promise<T> {
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    const found = await look();
    if (isWanted(found)) return found;
    if (Date.now() > deadline) throw new Error(`still not so after ${timeoutMs} ms: ${JSON.stringify(found)}`);
  }
}
