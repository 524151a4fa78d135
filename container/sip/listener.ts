import type { LegListener, Log } from '../../sdk/index.js';

/** A plugin's listener whose errors end in the log: they reach neither the stack nor another plugin's call. */
export function guarded(listener: LegListener, log: Log): LegListener {
  function run<A extends unknown[]>(callback: ((...parameters: A) => void) | undefined): (...parameters: A) => void {
    return (...parameters) => {
      try {
        callback?.apply(listener, parameters);
      } catch (error) {
        log.error('SIP listener failed', {
          error: error instanceof Error ? (error.stack ?? error.message) : String(error),
        });
      }
    };
  }
  return {
    onResponse: run(listener.onResponse),
    onRequest: listener.onRequest && run(listener.onRequest),
    onCancel: run(listener.onCancel),
    onAck: run(listener.onAck),
  };
}
