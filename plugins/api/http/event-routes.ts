import type { RouterContext } from '@koa/router';
import { Lifecycle, scoped } from 'tsyringe';
import type { z } from 'zod';
import { CallControl, CallError, Sdk } from '../../../sdk/index.js';
import { isKnown, type LoggedEvent } from '../events/event-log.js';
import { Events } from '../events/events.js';
import { EventStream } from '../events/event-stream.js';
import { Access } from './access.js';
import { readQuery } from './list-query.js';
import { eventQuerySchema } from './schemas.js';

const COMMENT_INTERVAL_MS = 15_000;
/** Most readers at a time: each has a connection, of which the listener has a limited number. */
const MAX_STREAMS = 1_500;

/** The events that a reader asks for. */
type Wanted = Omit<z.output<typeof eventQuerySchema>, 'lastEventId'>;

/** The events as a stream (`text/event-stream`). */
@scoped(Lifecycle.ContainerScoped)
export class EventRoutes {
  readonly #access: Access;
  readonly #streams = new Set<EventStream>();
  #timer: NodeJS.Timeout | undefined;
  #isClosing = false;

  constructor(
    private readonly sdk: Sdk,
    private readonly events: Events,
    calls: CallControl,
  ) {
    this.#access = new Access(sdk.accounts, calls);
    const help = 'Readers of the stream of events.';
    sdk.metrics.gauge({ name: 'event_stream_readers', help }, () => [{ value: this.#streams.size }]);
    sdk.routes.get('/events', (ctx) => this.#open(ctx));
  }

  /** Tells all readers that the container drains, and takes no more. Events go on until `close`. */
  announceEnd(): void {
    if (this.#isClosing) return;
    this.#isClosing = true;
    for (const stream of this.#streams) stream.announceEnd();
  }

  /** Ends all streams. */
  close(): void {
    this.announceEnd();
    clearInterval(this.#timer);
    for (const stream of this.#streams) stream.end();
  }

  #open(ctx: RouterContext): void {
    const { lastEventId, ...wanted } = readQuery(eventQuerySchema, ctx.querystring);
    const filter = this.#filter(ctx, wanted);
    const resumeAt = ctx.get('Last-Event-ID') || lastEventId;
    this.#refuseTooMany();
    const { log } = this.events;
    // A reader that comes from another node may know more than this node has read so far.
    const isWanted = (event: LoggedEvent): boolean => filter(event) && !isKnown(event.id, resumeAt);
    const missed = resumeAt === undefined ? [] : log.after(resumeAt);
    const cursor = (missed && resumeAt) ?? log.cursor;
    const stream = new EventStream({ cursor, isWanted, ...(missed && { missed }) });
    if (!missed) stream.reset(log.cursor);
    this.#keep(stream);
    ctx.type = 'text/event-stream';
    ctx.set({ 'Cache-Control': 'no-store', 'X-Accel-Buffering': 'no' });
    ctx.body = stream;
  }

  /** @throws CallError 503 when no more streams are taken */
  #refuseTooMany(): void {
    const headers = { 'Retry-After': '5' };
    if (this.#isClosing)
      throw new CallError(503, 'draining', 'The container is being stopped and takes no more streams', [], headers);
    if (this.#streams.size >= MAX_STREAMS)
      throw new CallError(503, 'limit-reached', `${MAX_STREAMS} streams are open`, [], headers);
  }

  #keep(stream: EventStream): void {
    this.#streams.add(stream);
    this.#timer ??= setInterval(() => {
      for (const open of this.#streams) open.comment();
    }, COMMENT_INTERVAL_MS).unref();
    const end = this.events.read((event) => stream.tell(event));
    // Koa destroys the stream when the response is over, however that comes.
    stream.once('close', () => {
      end();
      this.#streams.delete(stream);
    });
  }

  #filter(ctx: RouterContext, { user, call, type }: Wanted): (event: LoggedEvent) => boolean {
    const reader = this.#access.userOf(ctx);
    const address = user === undefined ? undefined : this.#addressOf(user);
    const types = type && new Set(type);
    return ({ event }) => {
      const { id, caller, callee, agent } = event.call;
      if (call !== undefined && call !== id) return false;
      if (types && !types.has(event.type)) return false;
      if (address !== undefined && ![caller, callee, agent].includes(address)) return false;
      return this.#access.isOwn(reader, event.call);
    };
  }

  #addressOf(user: string): string {
    const account = this.sdk.accounts.find(user);
    return account?.identity ?? (user.includes('@') ? user : `${user}@${this.sdk.sip.domain}`);
  }
}
