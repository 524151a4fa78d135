import type { RouterContext } from '@koa/router';
import createError, { isHttpError } from 'http-errors';
import { injectable } from 'tsyringe';
import { formOf, Sdk } from '../../../sdk/index.js';
import { refuseOtherBody } from './body.js';
import { type CallPath, type CallRequest, type Names, parseCallQuery, parseCallRequest } from './call-request.js';
import { Calls } from '../calls.js';
import { Parameters } from './parameters.js';
import { EMPTY_DOCUMENT } from '../refer/status-document.js';

/** The HTTP side: POST places a call, GET tells how far it got. */
@injectable()
export class Routes {
  readonly #names: Names;

  constructor(
    private readonly sdk: Sdk,
    private readonly calls: Calls,
  ) {
    this.#names = { accounts: sdk.accounts, domain: sdk.sip.domain };
    sdk.routes.get('/:callingUser/:calledUser', (ctx) => this.#show(ctx));
    sdk.routes.post('/:callingUser/:calledUser', (ctx) => this.#place(ctx));
  }

  async #place(ctx: RouterContext): Promise<void> {
    refuseOtherBody(ctx);
    const request = parseCallRequest(callPath(ctx), new Parameters(ctx.querystring, formOf(ctx)), this.#names);
    try {
      await this.#carryOut(request);
    } catch (error) {
      if (isHttpError(error)) throw error;
      this.sdk.log.warn('Call not placed', { calling: request.calling, called: request.called, error: String(error) });
      throw createError(503, 'The INVITE could not be sent to the proxy of the domain', { expose: true });
    }
    ctx.status = 200;
    ctx.body = '';
  }

  async #carryOut(request: CallRequest): Promise<void> {
    switch (request.action) {
      case 'Call':
        return this.calls.place(request);
      case 'Transfer':
        return this.calls.transfer(request, request.target ?? '');
      case 'Hangup':
        return this.calls.hangUp(request);
      case 'Hold':
        return this.calls.hold(request);
      case 'Resume':
        return this.calls.resume(request);
    }
  }

  #show(ctx: RouterContext): void {
    const call = this.calls.find(
      parseCallQuery(callPath(ctx), new Parameters(ctx.querystring, formOf(ctx)), this.#names),
    );
    ctx.type = 'text/xml; charset=utf-8';
    ctx.body = call?.document() ?? EMPTY_DOCUMENT;
  }
}

export function callPath({ params }: Pick<RouterContext, 'params'>): CallPath {
  return { calling: params['callingUser'] ?? '', called: params['calledUser'] ?? '' };
}
