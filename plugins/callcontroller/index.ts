import type { RouterContext } from '@koa/router';
import type { Context } from 'koa';
import { injectable } from 'tsyringe';
import type { Plugin } from '../../sdk/index.js';
import { agentName } from './call-request.js';
import { Calls } from './calls.js';
import { callPath, Routes } from './routes.js';

/** Third party call control: the plugin that the container loads. */
@injectable()
export default class CallController implements Plugin {
  constructor(
    private readonly calls: Calls,
    _routes: Routes,
  ) {}

  agentOf(context: Context): string {
    return agentName(callPath(context as RouterContext), context.querystring);
  }

  stop(): Promise<void> {
    return this.calls.stop();
  }
}
