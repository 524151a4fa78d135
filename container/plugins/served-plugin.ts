import type Router from '@koa/router';
import type { Log, Plugin } from '../../sdk/index.js';
import type { Manifest } from './manifest.js';

/** A plugin, as the listeners serve it. */
export interface ServedPlugin {
  readonly manifest: Manifest;
  readonly routes: Router;
  readonly instance: Plugin;
  /** The plugin's own, which names it. */
  readonly log: Log;
  /** How long its handlers may take until their answers begin, in milliseconds. */
  readonly answerLimitMs: number;
}
