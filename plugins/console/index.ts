import type { RouterContext } from '@koa/router';
import { loggedInUser, type Plugin, type Sdk } from '../../sdk/index.js';
import { type StaticFile, staticFiles } from './files.js';
import { CONTENT_SECURITY_POLICY, consolePage } from './page.js';

/** How many users are offered for what somebody has typed. */
const MAX_SUGGESTIONS = 20;

/** The web page: static files, and the names to choose from. Everything else comes from `/v1`. */
export default class Console implements Plugin {
  #files: ReadonlyMap<string, StaticFile> = new Map();

  constructor(private readonly sdk: Sdk) {
    sdk.routes.get('/', (ctx) => this.#show(ctx));
    sdk.routes.get('/users', (ctx) => this.#suggest(ctx));
    sdk.routes.get('/files/:name', (ctx) => this.#serve(ctx));
  }

  async start(): Promise<void> {
    this.#files = await staticFiles();
  }

  #show(ctx: RouterContext): void {
    secure(ctx);
    ctx.set('Cache-Control', 'no-cache');
    ctx.type = 'text/html; charset=utf-8';
    ctx.body = consolePage(loggedInUser(ctx, this.sdk.accounts)?.userName);
  }

  #suggest(ctx: RouterContext): void {
    const text = String(ctx.query['q'] ?? '');
    ctx.set('Cache-Control', 'no-store');
    ctx.body = this.sdk.accounts
      .search(text, MAX_SUGGESTIONS)
      .map(({ userName, displayName, aliases }) => ({ userName, displayName, aliases }));
  }

  #serve(ctx: RouterContext): void {
    const file = this.#files.get(ctx.params['name'] ?? '') ?? ctx.throw(404, 'There is no such file');
    secure(ctx);
    ctx.type = file.type;
    ctx.etag = file.etag;
    ctx.set('Cache-Control', 'no-cache');
    if (ctx.fresh) ctx.status = 304;
    else ctx.body = file.content;
  }
}

function secure(ctx: RouterContext): void {
  ctx.set('Content-Security-Policy', CONTENT_SECURITY_POLICY);
  ctx.set('X-Content-Type-Options', 'nosniff');
  ctx.set('X-Frame-Options', 'DENY');
  ctx.set('Referrer-Policy', 'no-referrer');
  ctx.set('Cross-Origin-Opener-Policy', 'same-origin');
}
