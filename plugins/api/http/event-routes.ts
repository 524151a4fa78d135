import type { RouterContext } from '@koa/router';
import { Lifecycle, scoped } from 'tsyringe';
import type { z } from 'zod';
import { CallControl, CallError, findAccount, plainAddress, Sdk } from '../../../sdk/index.js';
import { isKnown } from '../events/event-log.js';
import { Events } from '../events/events.js';
import { EventStream } from '../events/event-stream.js';
import { FanOut, type View } from '../events/fan-out.js';
import { Access } from './access.js';
import { readQuery } from './list-query.js';
import { eventQuerySchema } from './schemas.js';

const COMMENT_INTERVAL_MS = 15_000;
/** Most readers at a time: each has a connection, of which the listener has a limited number. */
const MAX_STREAMS = 1_500;
/** Most of them for one user outside. */
const MAX_STREAMS_PER_USER = 32;

/** The events that a reader asks for. */
type Wanted = Omit<z.output<typeof eventQuerySchema>, 'lastEventId'>;

/** The events as a stream (`text/event-stream`). */
@scoped(Lifecycle.ContainerScoped)
export class EventRoutes {
  readonly #access: Access;
  /** Each with the name of its user; without one inside. */
  readonly #streams = new Map<EventStream, string | undefined>();
  readonly #fanOut = new FanOut();
  readonly #unread: () => void;
  #timer: NodeJS.Timeout | undefined;
  #isClosing = false;

  constructor(
    private readonly sdk: Sdk,
    private readonly events: Events,
    private readonly calls: CallControl,
  ) {
    this.#access = new Access(sdk.accounts, calls);
    this.#unread = events.read((event) => this.#fanOut.tell(event));
    const help = 'Readers of the stream of events.';
    sdk.metrics.gauge({ name: 'event_stream_readers', help }, () => [{ value: this.#streams.size }]);
    sdk.routes.get('/events', (ctx) => this.#open(ctx));
  }

  /** Tells all readers that the container drains, and takes no more. Events go on until `close`. */
  announceEnd(): void {
    if (this.#isClosing) return;
    this.#isClosing = true;
    this.#fanOut.flush();
    for (const stream of this.#streams.keys()) stream.announceEnd();
  }

  /** Ends all streams. */
  close(): void {
    this.announceEnd();
    clearInterval(this.#timer);
    this.#unread();
    this.#fanOut.flush();
    for (const stream of this.#streams.keys()) stream.end();
  }

  async #open(ctx: RouterContext): Promise<void> {
    const { lastEventId, ...wanted } = await readQuery(eventQuerySchema, ctx.querystring, this.calls);
    const resumeAt = ctx.get('Last-Event-ID') || lastEventId || undefined;
    const view = this.#view(ctx, wanted, resumeAt);
    const userName = this.#access.userOf(ctx)?.userName;
    this.#refuseTooMany(userName);
    const { log } = this.events;
    const after = resumeAt === undefined ? [] : log.after(resumeAt);
    const missed = after?.filter(view.isWanted);
    const cursor = (missed && resumeAt) ?? log.cursor;
    const stream = new EventStream({ cursor, ...(missed && { missed }) });
    if (!missed) stream.reset(log.cursor);
    this.#keep(stream, view, userName);
    ctx.type = 'text/event-stream';
    ctx.set({ 'Cache-Control': 'no-store', 'X-Accel-Buffering': 'no' });
    ctx.body = stream;
  }

  /** @throws CallError 503 when no more streams are taken, 429 when no more of this user */
  #refuseTooMany(userName: string | undefined): void {
    const headers = { 'Retry-After': '5' };
    if (this.#isClosing)
      throw new CallError(503, 'draining', 'The container is being stopped and takes no more streams', [], headers);
    if (this.#streams.size >= MAX_STREAMS)
      throw new CallError(503, 'limit-reached', `${MAX_STREAMS} streams are open`, [], headers);
    if (userName === undefined) return;
    const own = [...this.#streams.values()].filter((other) => other === userName).length;
    if (own >= MAX_STREAMS_PER_USER)
      throw new CallError(429, 'limit-reached', `${own} streams of ${userName} are open`, [], headers);
  }

  #keep(stream: EventStream, view: View, userName: string | undefined): void {
    this.#streams.set(stream, userName);
    this.#timer ??= setInterval(() => {
      for (const open of this.#streams.keys()) open.comment();
    }, COMMENT_INTERVAL_MS).unref();
    const leave = this.#fanOut.join(stream, view);
    // Koa destroys the stream when the response is over, however that comes.
    stream.once('close', () => {
      leave();
      this.#streams.delete(stream);
    });
  }

  /** @param resumeAt cursor of a reader that may come from another node, and know more than this node has read so far */
  #view(ctx: RouterContext, { user, call, type }: Wanted, resumeAt: string | undefined): View {
    const reader = this.#access.userOf(ctx);
    const address = user === undefined ? undefined : this.#addressOf(user);
    const types = type && new Set(type);
    const { cursor } = this.events.log;
    const known = cursor !== resumeAt && isKnown(cursor, resumeAt) ? resumeAt : undefined;
    return {
      key: JSON.stringify([reader?.identity, address, call, type?.toSorted(), known]),
      isWanted: ({ id, event }) => {
        const { caller, callee, agent } = event.call;
        if (call !== undefined && call !== event.call.id) return false;
        if (types && !types.has(event.type)) return false;
        if (address !== undefined && ![caller, callee, agent].includes(address)) return false;
        return this.#access.isOwn(reader, event.call) && !isKnown(id, known);
      },
    };
  }

  #addressOf(user: string): string {
    const account = findAccount(this.sdk.accounts, user);
    if (account) return account.identity;
    const [name = '', host = this.sdk.sip.domain] = plainAddress(user).split('@', 2);
    return `${name}@${host.toLowerCase()}`;
  }
}
