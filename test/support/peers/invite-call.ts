import { expect } from 'chai';
import { type Container } from '../container.js';
import { type ShownDialog, dialogs } from '../dialogs.js';
import type { Phone } from './baresip.js';
import type { PhoneEvent } from './phone-control.js';
import { type Heard, packetsBetween } from './rtp.js';
import type { Twinkle } from './twinkle.js';

const timeoutMs = 10_000;
const spanMs = 400;

/** An Invite call, identified by its URL path. */
export interface InviteCall {
  /** Waits for an event on a phone; events of earlier calls do not count. */
  happens(phone: Phone, type: string): Promise<PhoneEvent>;
  /** Sends another action to the controller, and asserts that the controller accepts it. */
  act(query: string): Promise<void>;
  dialogs(): Promise<ShownDialog[]>;
  /** Polls GET until the dialogs have these states. */
  waitForStates(...states: readonly string[]): Promise<ShownDialog[]>;
}

/** POSTs a call. @param phones phones whose earlier events do not count */
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

/** Waits until two phones hear each other, and asserts by their counters that each receives the packets of the other. */
export async function expectTalk(one: Phone, other: Phone): Promise<void> {
  await until(
    () => packetsBetween(one, other, 40),
    ({ one: toOne, other: toOther, strange }) => toOne > 0 && toOther > 0 && strange === 0,
  );
  const packets = await packetsBetween(one, other, spanMs);
  expectAll(packets.one, packets.expected, `packets that ${one.user} got`);
  expectAll(packets.other, packets.expected, `packets that ${other.user} got`);
  expect(packets.strange, 'packets of somebody else').to.equal(0);
}

/** Waits until neither phone hears anything, and asserts that both stay silent for some time. */
export async function expectSilence(one: Phone, other: Phone): Promise<void> {
  await until(
    () => packetsBetween(one, other, 100),
    (packets) => packets.one + packets.other + packets.strange === 0,
  );
  expect(await packetsBetween(one, other, spanMs)).to.include({ one: 0, other: 0, strange: 0 });
}

/** Waits until the container has no live call. */
export async function expectNothingLeft(container: Container): Promise<void> {
  await until(
    () => container.sipCounts(),
    (counts) => counts['dialogs'] === 0 && counts['retransmissions'] === 0,
  );
}

/** Waits until twinkle and another phone hear each other, and asserts that by the tone that twinkle plays and the other phone's counters. */
export async function expectTwinkleTalk(twinkle: Twinkle, phone: Phone): Promise<void> {
  await until(
    () => heardBetween(twinkle, phone, 100),
    ({ packets, heard }) => packets > 0 && Math.abs(heard.pitchHz - phone.toneHz) < 20,
  );
  const { packets, heard, expected } = await heardBetween(twinkle, phone, spanMs);
  expectAll(packets, expected, `packets that ${phone.user} got`);
  expectAll(heard.packets, expected, 'packets that twinkle played');
  expect(heard.pitchHz, 'what twinkle plays').to.be.closeTo(phone.toneHz, 20);
}

/** Waits until neither of them hears anything, and asserts that both stay silent for some time. */
export async function expectTwinkleSilence(twinkle: Twinkle, phone: Phone): Promise<void> {
  await until(() => heardBetween(twinkle, phone, 100), isSilent);
  expect(await heardBetween(twinkle, phone, spanMs)).to.satisfy(isSilent);
}

/** On a busy machine some packets arrive late, or belong to an earlier period. */
function expectAll(packets: number, expected: number, what: string): void {
  expect(packets, what).to.be.at.least(Math.floor(expected / 4));
}

function isSilent({ packets, heard }: HeardBetween): boolean {
  return packets === 0 && heard.pitchHz === 0;
}

interface HeardBetween {
  /** RTP packets counted by the phone. */
  readonly packets: number;
  /** Pitch that twinkle played. */
  readonly heard: Heard;
  /** Packets that a phone sends in the same time. */
  readonly expected: number;
}

async function heardBetween(twinkle: Twinkle, phone: Phone, durationMs: number): Promise<HeardBetween> {
  const startMs = performance.now();
  const before = await phone.rtpCounts();
  const heard = await twinkle.hears(durationMs);
  const { received } = await phone.rtpCounts();
  const packets = [...received].map(([source, count]) => count - (before.received.get(source) ?? 0));
  const expected = (performance.now() - startMs) / 20;
  return { packets: packets.reduce((sum, count) => sum + count, 0), heard, expected };
}

async function until<T>(look: () => Promise<T>, isWanted: (found: T) => boolean): Promise<T> {
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    const found = await look();
    if (isWanted(found)) return found;
    if (Date.now() > deadline) throw new Error(`still not so after ${timeoutMs} ms: ${JSON.stringify(found)}`);
  }
}
