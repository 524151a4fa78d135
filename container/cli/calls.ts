import { setTimeout as delay } from 'node:timers/promises';
import type { ApiClient } from './api-client.js';
import { type Call, callPageSchema } from './call-schemas.js';
import { eventInWords, shown } from './call-words.js';
import { UsageError } from './command.js';
import { say } from './say.js';
import { service } from './service.js';
import type { ServiceOptions } from './service-options.js';

export interface CallsOptions extends ServiceOptions {
  readonly state?: string;
  readonly limit?: string;
  readonly watch?: boolean;
}

const STATES = ['live', 'ended', 'all'];
const MAX_LIMIT = 500;
const RETRY_MS = 2_000;

/**
 * Lists the calls of a running container, newest first, and with `watch` then prints events until interrupted.
 * @returns the exit code, 0
 * @throws UsageError on an invalid option; Error when the container cannot be reached or refuses
 */
export async function calls({ state, limit = '50', watch, ...options }: CallsOptions): Promise<number> {
  if (state !== undefined && !STATES.includes(state)) throw new UsageError(`--state must be ${STATES.join(', ')}`);
  if (!/^\d{1,3}$/.test(limit) || Number(limit) < 1 || Number(limit) > MAX_LIMIT)
    throw new UsageError(`--limit must be a number from 1 to ${MAX_LIMIT}`);
  const client = service(options);
  const query = new URLSearchParams({ limit, state: state ?? (watch ? 'live' : 'all') }).toString();
  if (watch) return watchCalls(client, query);
  await list(client, query);
  return 0;
}

async function list(client: ApiClient, query: string): Promise<void> {
  const { body } = await client.send('GET', `calls?${query}`, callPageSchema);
  for (const line of table(body.items)) say(line);
  if (body.next !== undefined) say('… and more: --limit shows them');
}

/** Continues after the last event shown, even across a broken stream; never ends by itself. */
async function watchCalls(client: ApiClient, query: string): Promise<never> {
  let last: string | undefined;
  for (;;) {
    const isFirst = last === undefined;
    try {
      for await (const item of client.events(last === undefined ? {} : { lastEventId: last })) {
        if (item.kind === 'event')
          say(`${item.event.timestamp}  ${shown(item.event.data.call.id)}  ${eventInWords(item.event)}`);
        else if (last === undefined || item.kind === 'reset') await list(client, query);
        last = item.id;
      }
    } catch (error) {
      if (isFirst) throw error;
    }
    await delay(RETRY_MS);
  }
}

function table(items: readonly Call[]): string[] {
  if (items.length === 0) return ['No calls.'];
  const rows = items.map(({ id, createdAt, method, caller, callee, status, isHeld, reason }) => [
    id,
    createdAt,
    method,
    caller,
    callee,
    isHeld ? `${status}, held` : status,
    reason ? `${reason.code}${reason.sip === undefined ? '' : ` ${reason.sip}`}` : '',
  ]);
  const all = [
    ['ID', 'PLACED', 'METHOD', 'CALLER', 'CALLEE', 'STATUS', 'REASON'],
    ...rows.map((row) => row.map(shown)),
  ];
  const widths = all[0]?.map((_, column) => Math.max(...all.map((row) => row[column]?.length ?? 0))) ?? [];
  return all.map((row) =>
    row
      .map((text, column) => text.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
}
