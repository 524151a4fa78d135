import type { Sip } from '../../sdk/index.js';
import type { Phase } from './lifecycle.js';

/** Once a plugin is stopped or left out, nothing must begin that nobody would end. */
export const BEFORE_THE_END: readonly Phase[] = ['loading', 'starting', 'ready', 'draining', 'stopping'];

/** Refuses a call in any other phase. @throws PluginError */
export type Demand = (call: string, ...phases: readonly Phase[]) => void;

/**
 * A plugin's SIP user agent, whose methods can be called in their phase only: handlers (`onInvite` and the like) are registered at
 * any time before the end, whereas nothing is sent and nothing opened before the plugin starts.
 */
export function phasedSip(sip: Sip, demand: Demand): Sip {
  return new Proxy(sip, {
    get(target, key) {
      const value: unknown = Reflect.get(target, key);
      if (typeof value !== 'function' || typeof key !== 'string') return value;
      return (...parameters: unknown[]): unknown => {
        if (key.startsWith('on')) demand(`sdk.sip.${key}()`, ...BEFORE_THE_END);
        else demand(`sdk.sip.${key}()`, 'starting', 'ready', 'draining', 'stopping');
        return Reflect.apply(value, target, parameters);
      };
    },
  });
}
