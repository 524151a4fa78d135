import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';

/** How far the clocks of two nodes may be apart, and how long a request may be on its way. */
const WINDOW_MS = 30_000;
/** Most requests remembered within the window; further ones are refused. */
const MAX_REMEMBERED = 100_000;

/** The header fields that say which node asks. */
export const HEADERS = {
  node: 'x-sipxrest-node',
  time: 'x-sipxrest-time',
  id: 'x-sipxrest-id',
  signature: 'x-sipxrest-signature',
} as const;

export type SignedHeaders = Readonly<Record<(typeof HEADERS)[keyof typeof HEADERS], string>>;

/** Signs what `node` asks `to`. */
export function sign(secret: string, node: string, to: string, body: string, nowMs: number): SignedHeaders {
  const time = String(Math.round(nowMs));
  const id = randomBytes(12).toString('base64url');
  return {
    [HEADERS.node]: node,
    [HEADERS.time]: time,
    [HEADERS.id]: id,
    [HEADERS.signature]: digest(secret, [node, to, time, id, body]).toString('base64url'),
  };
}

/** Recognises requests of other nodes, and accepts each once. */
export class SignatureCheck {
  /** When each is forgotten, oldest first. */
  readonly #seen = new Map<string, number>();

  /** @param self name of this node */
  constructor(private readonly self: string) {}

  /** @param nowMs by the clock that all nodes share */
  isGenuine(secret: string, header: (name: string) => string | undefined, body: string, nowMs: number): boolean {
    const [node = '', time = '', id = '', signature = ''] = Object.values(HEADERS).map((name) => header(name));
    if (!/^\d{1,15}$/.test(time) || !/^[\w-]{16}$/.test(id) || Math.abs(nowMs - Number(time)) > WINDOW_MS) return false;
    const expected = digest(secret, [node, this.self, time, id, body]);
    const given = Buffer.from(signature, 'base64url');
    if (given.length !== expected.length || !timingSafeEqual(given, expected)) return false;
    return this.#isFirst(id, nowMs);
  }

  #isFirst(id: string, nowMs: number): boolean {
    for (const [old, endsAtMs] of this.#seen) {
      if (endsAtMs > nowMs) break;
      this.#seen.delete(old);
    }
    if (this.#seen.has(id) || this.#seen.size >= MAX_REMEMBERED) return false;
    this.#seen.set(id, nowMs + 2 * WINDOW_MS);
    return true;
  }
}

function digest(secret: string, parts: readonly string[]): Buffer {
  return createHmac('sha256', secret).update(JSON.stringify(parts)).digest();
}
