import type { LegListener, Log } from '../../sdk/index.js';

/** A plugin's listener whose errors end in the log: they reach neither the stack nor another plugin's call. */
export function guarded(listener: LegListener, log: Log): LegListener {
  function run(callback: () => void): void {
    try {
      callback();
    } catch (error) {
      log.error('SIP listener failed', {
        error: error instanceof Error ? (error.stack ?? error.message) : String(error),
      });
    }
  }
  return {
    onResponse: (response) => run(() => listener.onResponse?.(response)),
    onRequest: (request) => run(() => (listener.onRequest ? listener.onRequest(request) : request.reply(501))),
    onCancel: () => run(() => listener.onCancel?.()),
    onAck: (body) => run(() => listener.onAck?.(body)),
  };
}
