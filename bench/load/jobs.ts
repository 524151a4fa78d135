import { z } from 'zod';

/** A job for the load generator. `######` in a request stands for the number of the call, in six digits. */
const target = { port: z.number(), request: z.string() };

/** Sends at a fixed rate, without waiting for answers. */
export const rateJob = z.object({
  kind: z.literal('rate'),
  ...target,
  /** Number of the first call. */
  first: z.number(),
  count: z.number(),
  perSecond: z.number(),
});

/** Sends the next request as soon as the last was answered, on each connection, for calls 0 to `distinct` in turn. */
export const floodJob = z.object({
  kind: z.literal('flood'),
  ...target,
  distinct: z.number(),
  connections: z.number(),
  durationMs: z.number(),
});

export const job = z.discriminatedUnion('kind', [rateJob, floodJob]);

/** NaN if nothing was answered, for which JSON has null. */
const latencyMs = z
  .number()
  .nullable()
  .transform((ms) => ms ?? Number.NaN);

export const outcome = z.object({
  answered: z.number(),
  /** Requests that were not answered with 200 or 201. */
  failed: z.number(),
  seconds: z.number(),
  /** Measured from the time at which a request was due, not sent, so that a stalled server cannot hide delays. */
  p50Ms: latencyMs,
  p99Ms: latencyMs,
});

export type RateJob = z.output<typeof rateJob>;
export type FloodJob = z.output<typeof floodJob>;
export type Job = z.output<typeof job>;
export type Outcome = z.output<typeof outcome>;
