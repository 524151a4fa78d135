import type { RouterContext } from '@koa/router';
import type { Context } from 'koa';
import { injectable } from 'tsyringe';
import { CallControl, callAgent, type Drain, formOf, type Plugin, Query, Sdk } from '../../sdk/index.js';
import { Calls } from './calls.js';
import { LocalCallControl } from './control.js';
import { NodesCallControl } from './nodes/call-control.js';
import { SharedCalls } from './nodes/shared-calls.js';
import { showCalls } from './model/call-metrics.js';
import { callPath, Routes } from './http/routes.js';

/** Third party call control: the plugin that the container loads. */
@injectable()
export default class CallController implements Plugin {
  constructor(
    sdk: Sdk,
    private readonly calls: Calls,
    control: LocalCallControl,
    nodes: NodesCallControl,
    shared: SharedCalls,
    _routes: Routes,
  ) {
    sdk.provide(CallControl, shared.records ? nodes : control);
    showCalls(sdk, () => calls.live());
  }

  agentOf(context: Context): string {
    return callAgent(callPath(context as RouterContext).calling, new Query(context.querystring, formOf(context)));
  }

  drain(drain: Drain): Promise<void> {
    return this.calls.drain(drain);
  }

  stop(): Promise<void> {
    return this.calls.stop();
  }
}
