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

/** Last events of a call. */
export const LAST: ReadonlySet<string> = new Set(['call.handed_over', 'call.ended', 'call.lost']);

/**
 * Reads `/v1/events` until the stream ends, or whoever reads has enough.
 * @param base of the container, without a slash at the end
 * @param query of the stream, for example `lastEventId=…`
 */
export async function* readEvents(
  base: string,
  query: Readonly<Record<string, string>> = {},
  headers: Readonly<Record<string, string>> = {},
): AsyncGenerator<Told> {
  const url = `${base}/v1/events?${new URLSearchParams(query).toString()}`;
  const { statusCode, body } = await request(url, { headers });
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

/** The cursor of who has read all until now. */
export async function cursorOf(base: string): Promise<string> {
  for await (const { id } of readEvents(base)) return id;
  throw new Error('The stream ended before it began');
}
