import { open, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Phone, RtpCounts } from './baresip.js';
import { headerBytes, pitchOf } from './tone.js';

/** Bytes of one RTP packet: 20 ms of 16-bit samples at 8 kHz. */
const bytesPerPacket = 320;

/** The audio that a phone received in a period. */
export interface Heard {
  /** RTP packets received and decoded. */
  readonly packets: number;
  /** Pitch of the audio, the other phone's `toneHz`. 0: silence, or no audio at all. */
  readonly pitchHz: number;
}

/**
 * The audio that two phones hear during `durationMs` milliseconds, from their own recordings. A phone sends 50 packets a second,
 * and records each packet on arrival. Once a call was held or began silent, baresip stops recording but goes on playing: use
 * `packetsBetween` then.
 */
export async function whatTheyHear(
  one: Phone,
  other: Phone,
  durationMs: number,
): Promise<{ readonly one: Heard; readonly other: Heard }> {
  const before = await Promise.all([recorded(one), recorded(other)]);
  await delay(durationMs);
  const [first, second] = await Promise.all([heardSince(one, before[0]), heardSince(other, before[1])]);
  return { one: first, other: second };
}

/** RTP packets received by two phones. */
export interface Packets {
  /** Packets that each phone received from the other. */
  readonly one: number;
  readonly other: number;
  /** Packets from any other source. */
  readonly strange: number;
  /** Packets that a phone sends in the measured time, 50 a second. On a busy machine that time exceeds `durationMs`. */
  readonly expected: number;
}

/** Counts the RTP between two phones for `durationMs` milliseconds, from the phones' own counters for each source. */
export async function packetsBetween(one: Phone, other: Phone, durationMs: number): Promise<Packets> {
  const startMs = performance.now();
  const before = await Promise.all([one.rtpCounts(), other.rtpCounts()]);
  await delay(durationMs);
  const [first, second] = await Promise.all([one.rtpCounts(), other.rtpCounts()]);
  const expected = (performance.now() - startMs) / 20;
  const [fromOther, strangeToOne] = packetsFrom(second.ssrc, before[0], first);
  const [fromOne, strangeToOther] = packetsFrom(first.ssrc, before[1], second);
  return { one: fromOther, other: fromOne, strange: strangeToOne + strangeToOther, expected };
}

/** Packets received since then from this source, and from all others. */
function packetsFrom(ssrc: string | undefined, before: RtpCounts, now: RtpCounts): [number, number] {
  const since = new Map(
    [...now.received].map(([source, packets]) => [source, packets - (before.received.get(source) ?? 0)]),
  );
  const wanted = since.get(ssrc ?? '') ?? 0;
  const all = [...since.values()].reduce((sum, packets) => sum + packets, 0);
  return [wanted, all - wanted];
}

/** Length in bytes of each recording of received audio. */
async function recorded(phone: Phone): Promise<Map<string, number>> {
  const names = (await readdir(phone.recordings)).filter((name) => name.endsWith('-dec.wav'));
  const lengths = names.map(async (name): Promise<[string, number]> => {
    const file = await open(join(phone.recordings, name));
    const { size } = await file.stat().finally(() => file.close());
    return [name, size];
  });
  return new Map(await Promise.all(lengths));
}

async function heardSince(phone: Phone, before: ReadonlyMap<string, number>): Promise<Heard> {
  const now = await recorded(phone);
  const parts = [...now].map(
    async ([name, end]) => await readPart(join(phone.recordings, name), before.get(name) ?? headerBytes, end),
  );
  const samples = Buffer.concat(await Promise.all(parts));
  return { packets: Math.floor(samples.length / bytesPerPacket), pitchHz: pitchOf(samples) };
}

async function readPart(path: string, start: number, end: number): Promise<Buffer> {
  const file = await open(path);
  try {
    const part = Buffer.alloc(Math.max(0, end - start));
    await file.read(part, 0, part.length, start);
    return part;
  } finally {
    await file.close();
  }
}
