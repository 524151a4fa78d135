import { context as traceContext, propagation } from '@opentelemetry/api';
import type { RouterContext } from '@koa/router';
import type { Context } from 'koa';
import { injectable } from 'tsyringe';
import {
  callAgent,
  type ErrorBody,
  formOf,
  type InsideListener,
  loggedInUser,
  type Plugin,
  problemBody,
  Query,
  type RefusedRequest,
  requestId,
  Sdk,
} from '../../sdk/index.js';
import { readBody } from './body.js';
import { fieldsForClient, fieldsForNode } from './headers.js';
import { Node, type NodeAnswer, type NodeRequest, trustFile, trustOnly } from './node.js';
import { Nodes } from './nodes.js';
import { type Settings, settings } from './settings.js';
import { isUnderV1, parseTarget } from './target.js';
import { Turns } from './turns.js';

/** Leaves time for the redirect itself to answer 504 when the node is late. */
const ANSWER_GRACE_MS = 5_000;

/** Longest time that a client may ask the node to wait. */
const MAX_WAIT_MS = 60_000;

/** Most connections to the node for one user; further requests of that user wait. */
const REQUESTS_PER_USER = 16;
const WAITING_PER_USER = 256;
const STREAMS_PER_USER = 32;

/** Access from outside: carries requests to the call controller, on whichever node of the cluster it runs. */
@injectable()
export default class Redirect implements Plugin {
  readonly #settings: Settings;
  #node: Node | Nodes | undefined;
  readonly #turns = new Turns(REQUESTS_PER_USER, WAITING_PER_USER);
  readonly #streamTurns = new Turns(STREAMS_PER_USER, 0);

  constructor(private readonly sdk: Sdk) {
    this.#settings = sdk.config(settings);
    if (this.#settings.callcontroller === 'redis' && !sdk.nodes())
      throw new Error('callcontroller is redis, and the configuration has no redis');
    sdk.answerWithin(this.#settings.timeoutMs + MAX_WAIT_MS + ANSWER_GRACE_MS);
    sdk.routes.all('{/*path}', (ctx) => this.#carry(ctx));
  }

  /** Decided on the target that the call controller gets, by the same rule as there. */
  agentOf(context: Context): string | undefined {
    const { callingUser, query } = parseTarget(context.req.url ?? '');
    return callingUser === undefined ? undefined : callAgent(callingUser, new Query(query ?? '', formOf(context)));
  }

  /** Under `/v1` errors are JSON, whoever makes them; else in XML. */
  errorBody(refused: RefusedRequest, context: Context): ErrorBody | undefined {
    return isUnderV1(context.path) ? problemBody(refused, context) : undefined;
  }

  async stop(): Promise<void> {
    await this.#node?.close();
  }

  async #carry(ctx: RouterContext): Promise<void> {
    const { path, query } = parseTarget(ctx.req.url ?? '');
    const { content, decompressed } = await readBody(ctx);
    const user = loggedInUser(ctx, this.sdk.accounts);
    // A path under /v1 needs the user: the node limits the user to own calls.
    const { 'content-encoding': encoding, ...headers } = fieldsForNode(ctx.req, user?.userName, requestId(ctx));
    propagation.inject(traceContext.active(), headers);
    this.#node ??= this.#openNode();
    const { timeoutMs, isStream } = patience(path, ctx, this.#settings.timeoutMs);
    const turns = isStream ? this.#streamTurns : this.#turns;
    const giveBack = await turns.take(user?.userName ?? '', this.#settings.timeoutMs);
    try {
      const answer = await this.#node.send({
        method: ctx.method,
        path: query === undefined ? path : `${path}?${query}`,
        headers: encoding === undefined || decompressed ? headers : { ...headers, 'content-encoding': encoding },
        body: content,
        timeoutMs,
        isStream,
      });
      answer.body.once('close', giveBack);
      pass(answer, ctx);
    } catch (error) {
      giveBack();
      throw error;
    }
  }

  /** Opened on first use, since this container's own port is known only when it listens. */
  #openNode(): Node | Nodes {
    const { callcontroller, ca, timeoutMs } = this.#settings;
    const { log, caFile } = this.sdk;
    if (callcontroller instanceof URL)
      return new Node({ base: callcontroller, trust: trustFile(ca ?? caFile), timeoutMs, log });
    const connect = ({ url, certificate = '' }: InsideListener): Node =>
      new Node({ base: new URL(url), trust: () => trustOnly(certificate), timeoutMs, log });
    if (callcontroller === 'redis') return new Nodes(() => this.sdk.nodes() ?? [], connect);
    const trust = () => trustOnly(this.sdk.inside().certificate ?? '');
    return new Node({ base: new URL(this.sdk.inside().url), trust, timeoutMs, log });
  }
}

/** How long the node may take: longer where the client asks it to wait (RFC 7240), and where it keeps a stream open. */
function patience(path: string, ctx: RouterContext, timeoutMs: number): Pick<NodeRequest, 'timeoutMs' | 'isStream'> {
  const seconds = /(?:^|[,;\s])wait\s*=\s*"?(\d+)\b/i.exec(ctx.get('Prefer'))?.[1] ?? '0';
  return { timeoutMs: timeoutMs + Math.min(Number(seconds) * 1_000, MAX_WAIT_MS), isStream: path === '/v1/events' };
}

/**
 * Status and body as received, and header fields that lead through the redirect. The body flows through, so that an answer of any size
 * takes little memory.
 */
function pass({ statusCode, headers, body }: NodeAnswer, ctx: RouterContext): void {
  ctx.status = statusCode;
  // Koa drops the body of a 204 or a HEAD, and its own listener with it, but not the error of the body that was aborted.
  body.on('error', () => undefined);
  ctx.body = body;
  ctx.remove('Content-Type');
  for (const [name, value] of Object.entries(fieldsForClient(headers))) ctx.set(name, value);
}
