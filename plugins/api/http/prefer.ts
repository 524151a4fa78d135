import type { Context } from 'koa';

/** Longest time that a client may ask to wait. */
export const MAX_WAIT_MS = 60_000;

const WAIT = /(?:^|[,;])\s*wait\s*=\s*"?(\d+)"?\s*(?=$|[,;])/i;

/** How long the client would rather wait than hear nothing new, in milliseconds (RFC 7240, `Prefer: wait=N`); 0 where it does not. */
export function waitMs(context: Context): number {
  const seconds = Number(WAIT.exec(context.get('Prefer'))?.[1] ?? 0);
  const applied = Math.min(seconds, MAX_WAIT_MS / 1_000);
  if (applied > 0) context.set('Preference-Applied', `wait=${applied}`);
  return applied * 1_000;
}

/** Given when the client goes away. */
export function goneSignal({ res }: Context): AbortSignal {
  const controller = new AbortController();
  res.once('close', () => controller.abort());
  return controller.signal;
}
