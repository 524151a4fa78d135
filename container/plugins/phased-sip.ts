import type { Sip } from '../../sdk/index.js';
import type { Phase } from './lifecycle.js';

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
        if (key.startsWith('on')) demand(`sdk.sip.${key}()`, 'loading', 'starting', 'ready', 'stopping');
        else demand(`sdk.sip.${key}()`, 'starting', 'ready', 'stopping');
        return Reflect.apply(value, target, parameters);
      };
    },
  });
}
