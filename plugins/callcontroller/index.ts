import type { RouterContext } from '@koa/router';
import type { Context } from 'koa';
import { injectable } from 'tsyringe';
import { CallControl, callAgent, formOf, type Plugin, Query, Sdk } from '../../sdk/index.js';
import { Calls } from './calls.js';
import { LocalCallControl } from './control.js';
import { callPath, Routes } from './http/routes.js';

/** Third party call control: the plugin that the container loads. */
@injectable()
export default class CallController implements Plugin {
  constructor(
    sdk: Sdk,
    private readonly calls: Calls,
    control: LocalCallControl,
    _routes: Routes,
  ) {
    sdk.provide(CallControl, control);
  }

  agentOf(context: Context): string {
    return callAgent(callPath(context as RouterContext).calling, new Query(context.querystring, formOf(context)));
  }

  stop(): Promise<void> {
    return this.calls.stop();
  }
}
