import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';
import type { Container } from './container.js';

const counts = z.record(z.string(), z.number());
const diagnostics = z.object({ sip: counts, timers: z.number(), sockets: counts, caches: counts });
const timeoutMs = 60_000;
const pollMs = 100;

/** The counters of calls in `/diagnostics`. */
export interface Footprint {
  readonly sip: Readonly<Record<string, number>>;
  readonly timers: number;
  readonly udpSockets: number | undefined;
  readonly caches: Readonly<Record<string, number>>;
}

export async function footprint(container: Container): Promise<Footprint> {
  const { sip, timers, sockets, caches } = diagnostics.parse(await (await container.get('/diagnostics')).json());
  return { sip, timers, udpSockets: sockets['udp'], caches };
}

/** Polls until the footprint is as expected, for at most a minute. @returns the last footprint */
export async function footprintOnceLike(container: Container, expected: Footprint): Promise<Footprint> {
  const wanted = JSON.stringify(expected);
  const deadlineMs = Date.now() + timeoutMs;
  let found = await footprint(container);
  while (JSON.stringify(found) !== wanted && Date.now() < deadlineMs) {
    await delay(pollMs);
    found = await footprint(container);
  }
  return found;
}
