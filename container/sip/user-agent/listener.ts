import type { Body, IncomingRequest, LegListener, Log, SipResponse } from '../../../sdk/index.js';

/** Runs a plugin's code. Calls `onFailure` when that throws, or returns a promise that is rejected. */
export type Guard = (callback: () => unknown, onFailure?: () => void) => void;

/** Logs what a plugin's code throws, so that no error reaches the stack or another plugin's call. */
export function guardWith(log: Log): Guard {
  function fail(error: unknown, onFailure: (() => void) | undefined): void {
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
    log.error('SIP listener failed', { error: text });
    onFailure?.();
  }

  return (callback, onFailure) => {
    try {
      const result = callback();
      if (result instanceof Promise) result.catch((error: unknown) => fail(error, onFailure));
    } catch (error) {
      fail(error, onFailure);
    }
  };
}

const NO_ANSWER: Body = { contentType: 'application/sdp', content: '' };

/** A plugin's listener under guard. A request whose listener fails is answered 500 (RFC 3261 section 21.5.1). */
export class GuardedListener implements Required<LegListener> {
  constructor(
    private readonly listener: LegListener,
    private readonly run: Guard,
  ) {}

  onResponse(response: SipResponse): void {
    this.run(() => this.listener.onResponse?.(response));
  }

  onRequest(request: IncomingRequest): void {
    const { listener } = this;
    this.run(
      () => (listener.onRequest ? listener.onRequest(request) : request.reply(501)),
      () => request.reply(500),
    );
  }

  onCancel(): void {
    this.run(() => this.listener.onCancel?.());
  }

  onReinviteCancelled(): void {
    this.run(() => this.listener.onReinviteCancelled?.());
  }

  onAck(body: Body | undefined): void {
    this.run(() => this.listener.onAck?.(body));
  }

  onAckTimeout(): void {
    this.run(() => this.listener.onAckTimeout?.());
  }

  answerSpare(offer: Body): Body {
    let answer = NO_ANSWER;
    this.run(() => {
      answer = this.listener.answerSpare?.(offer) ?? NO_ANSWER;
    });
    return answer;
  }
}
