import { setTimeout as delay } from 'node:timers/promises';
import { oneLine } from '../config/describe.js';
import type { ApiClient } from './api-client.js';
import { type Call, callSchema } from './call-schemas.js';
import { eventInWords, outcomeInWords, shown } from './call-words.js';
import { UsageError } from './command.js';
import { say } from './say.js';
import { service } from './service.js';
import type { ServiceOptions } from './service-options.js';

export interface CallOptions extends ServiceOptions {
  readonly method?: string;
  readonly agent?: string;
  readonly timeout?: string;
}

/** How often a broken stream is reopened, and the pause before each attempt. */
const MAX_CUTS = 5;
const RETRY_MS = 500;

/**
 * Places a call on a running container, and tells what happens until the two users are connected or the call is over.
 *
 * @returns the exit code: 0 when they are connected, or their telephones have the call; 1 when the call failed
 * @throws UsageError when the call cannot be asked for; Error when the container cannot be reached or refuses it
 */
export async function call(from: string, to: string, options: CallOptions): Promise<number> {
  if ([from, to].some((name) => /^\.{0,2}$/.test(name))) throw new UsageError('FROM and TO must be users');
  const { method, agent, timeout } = options;
  if (timeout !== undefined && !/^\d{1,9}$/.test(timeout))
    throw new UsageError(`--timeout must be a number of seconds, found ${oneLine(timeout)}`);
  const client = service(options);
  const cursor = await cursorOf(client);
  const { body: placed } = await client.send('POST', 'calls', callSchema, {
    caller: from,
    callee: to,
    method: method?.toLowerCase(),
    agent,
    timeoutSeconds: timeout === undefined ? undefined : Number(timeout),
  });
  say(`Call ${shown(placed.id)}`);
  const settled = await follow(client, placed, cursor);
  say(`${outcomeInWords(settled)}.`);
  return settled.status === 'connected' || settled.status === 'handedOver' ? 0 : 1;
}

/** The place in the stream of events before the call: what happens at once is not missed. */
async function cursorOf(client: ApiClient): Promise<string> {
  for await (const { id } of client.events({})) return id;
  throw new Error('The container ended the stream of events before it began');
}

/** Tells of the events of a call. @returns the call when it is connected or over */
async function follow(client: ApiClient, { id }: Call, cursor: string): Promise<Call> {
  let last = cursor;
  for (let cuts = 0; cuts <= MAX_CUTS; cuts += 1) {
    if (cuts > 0) await delay(RETRY_MS);
    try {
      for await (const item of client.events({ call: id, lastEventId: last })) {
        last = item.id;
        if (item.kind === 'event') {
          const { call: told } = item.event.data;
          if (isSettled(told)) return told;
          say(eventInWords(item.event));
        } else if (item.kind === 'reset') {
          const { body: now } = await client.send('GET', `calls/${encodeURIComponent(id)}`, callSchema);
          if (isSettled(now)) return now;
        }
      }
    } catch (error) {
      if (cuts === MAX_CUTS) throw error;
    }
  }
  throw new Error('The stream of events was cut again and again: sipxrest calls tells how the call went');
}

function isSettled({ status, isFinal }: Call): boolean {
  return isFinal || status === 'connected';
}
