import { z } from 'zod';

/** What the load generator is told to do. `######` in a request stands for the number of the call, in six digits. */
const target = { port: z.number(), request: z.string() };

/** Sends at a fixed rate, whether earlier requests were answered or not. */
export const rateJob = z.object({
  kind: z.literal('rate'),
  ...target,
  /** Number of the first call. */
  first: z.number(),
  count: z.number(),
  perSecond: z.number(),
});

/** Sends the next request as soon as the last was answered, on so many connections, for calls 0 to `distinct` in turn. */
export const floodJob = z.object({
  kind: z.literal('flood'),
  ...target,
  distinct: z.number(),
  connections: z.number(),
  durationMs: z.number(),
});

export const job = z.discriminatedUnion('kind', [rateJob, floodJob]);

/** Not a number where nothing was answered, for which JSON has null. */
const latencyMs = z
  .number()
  .nullable()
  .transform((ms) => ms ?? Number.NaN);

export const outcome = z.object({
  answered: z.number(),
  /** Requests that were not answered with 200 or 201. */
  failed: z.number(),
  seconds: z.number(),
  /** From when a request was due, not from when it was sent: a server that stalls does not hide what it kept waiting. */
  p50Ms: latencyMs,
  p99Ms: latencyMs,
});

export type RateJob = z.output<typeof rateJob>;
export type FloodJob = z.output<typeof floodJob>;
export type Job = z.output<typeof job>;
export type Outcome = z.output<typeof outcome>;
