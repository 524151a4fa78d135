import type { Body, LegListener, Log } from '../../sdk/index.js';

/** Runs a plugin's code. `onFailure` is called when it throws, or returns a promise that is rejected. */
export type Guard = (callback: () => unknown, onFailure?: () => void) => void;

/** What a plugin's code throws ends in the log: it reaches neither the stack nor another plugin's call. */
export function guardWith(log: Log): Guard {
  return (callback, onFailure) => {
    function fail(error: unknown): void {
      const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
      log.error('SIP listener failed', { error: text });
      onFailure?.();
    }
    try {
      const result = callback();
      if (result instanceof Promise) result.catch(fail);
    } catch (error) {
      fail(error);
    }
  };
}

const NO_ANSWER: Body = { contentType: 'application/sdp', content: '' };

/** A plugin's listener under guard. A request that it fails on is answered 500 (RFC 3261 section 21.5.1). */
export function guarded(listener: LegListener, run: Guard): Required<LegListener> {
  return {
    onResponse: (response) => run(() => listener.onResponse?.(response)),
    onRequest: (request) =>
      run(
        () => (listener.onRequest ? listener.onRequest(request) : request.reply(501)),
        () => request.reply(500),
      ),
    onCancel: () => run(() => listener.onCancel?.()),
    onReinviteCancelled: () => run(() => listener.onReinviteCancelled?.()),
    onAck: (body) => run(() => listener.onAck?.(body)),
    onAckTimeout: () => run(() => listener.onAckTimeout?.()),
    answerSpare: (offer) => {
      let answer = NO_ANSWER;
      run(() => {
        answer = listener.answerSpare?.(offer) ?? NO_ANSWER;
      });
      return answer;
    },
  };
}
