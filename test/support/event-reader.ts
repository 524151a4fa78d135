import { expect } from 'chai';
import { createParser } from 'eventsource-parser';
import { request } from 'undici';
import { z } from 'zod';

const message = z.object({
  type: z.string(),
  sequence: z.number().optional(),
  data: z.object({ call: z.object({ id: z.string(), status: z.string(), isFinal: z.boolean() }) }).optional(),
});

/** A frame of `/v1/events`. */
export interface Told extends z.output<typeof message> {
  readonly id: string;
}

/** Types of the last event of a call. */
export const LAST: ReadonlySet<string> = new Set(['call.handed_over', 'call.ended', 'call.lost']);

/**
 * Reads `/v1/events` until the stream ends, or the consumer stops.
 * @param base of the container, without a slash at the end
 * @param query of the stream, for example `lastEventId=…`
 */
export async function* readEvents(
  base: string,
  query: Readonly<Record<string, string>> = {},
  headers: Readonly<Record<string, string>> = {},
  signal?: AbortSignal,
): AsyncGenerator<Told> {
  const url = `${base}/v1/events?${new URLSearchParams(query).toString()}`;
  const { statusCode, body } = await request(url, { headers, ...(signal && { signal }) });
  if (statusCode !== 200) throw new Error(`${statusCode}: ${await body.text()}`);
  const arrived: Told[] = [];
  const parser = createParser({
    onEvent: ({ id = '', data }) => arrived.push({ id, ...message.parse(JSON.parse(data)) }),
  });
  body.setEncoding('utf8');
  for await (const chunk of body) {
    parser.feed(String(chunk));
    yield* arrived.splice(0);
  }
}

/** The cursor behind the latest event. */
export async function cursorOf(base: string): Promise<string> {
  for await (const { id } of readEvents(base)) return id;
  throw new Error('The stream ended before it began');
}

/**
 * Waits for the last event of every call since the cursor, and asserts that each call has exactly one, at the end, with no gap before it.
 * @throws AssertionError
 */
export async function expectOneFinalState(base: string, cursor: string): Promise<void> {
  const calls = new Map<string, Told[]>();
  const live = new Set<string>();
  const end = await cursorOf(base);
  let isBehindEnd = cursor === end;
  for await (const told of readEvents(base, { lastEventId: cursor })) {
    const { id = '', isFinal = false } = told.data?.call ?? {};
    if (told.data) calls.set(id, [...(calls.get(id) ?? []), told]);
    if (told.data && !isFinal) live.add(id);
    if (isFinal) live.delete(id);
    isBehindEnd ||= told.id === end;
    if (isBehindEnd && live.size === 0) break;
  }
  expect(calls.size).to.be.greaterThan(0);
  for (const events of calls.values()) {
    expect(events.filter(({ type }) => LAST.has(type))).to.deep.equal([events.at(-1)]);
    expect(events.map(({ sequence }) => sequence)).to.deep.equal(events.map((_, index) => index + 1));
  }
}
