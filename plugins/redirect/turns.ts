import createError from 'http-errors';

interface Line {
  running: number;
  readonly waiting: Set<() => void>;
}

/** Gives back a slot at the node. Must be called once; further calls do nothing. */
export type GiveBack = () => void;

/**
 * Shares the slots at the node out among users: no user has more than `most` at a time; further requests of that user wait in line, and
 * nobody else waits with them.
 */
export class Turns {
  readonly #lines = new Map<string, Line>();

  /**
   * @param most requests of one user at a time
   * @param mostWaiting further ones of the same user that may wait
   */
  constructor(
    private readonly most: number,
    private readonly mostWaiting: number,
  ) {}

  /** How many users have requests under way. */
  get size(): number {
    return this.#lines.size;
  }

  /**
   * Takes a slot when it is the user's turn.
   * @throws HttpError 429 with Retry-After if too many requests of the user wait, 504 if its turn has not come in time
   */
  async take(user: string, timeoutMs: number): Promise<GiveBack> {
    const line = this.#lines.get(user) ?? { running: 0, waiting: new Set() };
    this.#lines.set(user, line);
    if (line.running >= this.most) await this.#turn(line, timeoutMs);
    else line.running += 1;
    let isBack = false;
    return () => {
      if (isBack) return;
      isBack = true;
      this.#giveBack(user, line);
    };
  }

  /** Passes a slot on directly, so that nobody else can take it in between. */
  #giveBack(user: string, line: Line): void {
    const [next] = line.waiting;
    if (next) {
      next();
      return;
    }
    line.running -= 1;
    if (line.running === 0) this.#lines.delete(user);
  }

  #turn({ waiting }: Line, timeoutMs: number): Promise<void> {
    if (waiting.size >= this.mostWaiting) throw tooMany();
    return new Promise((resolve, reject) => {
      const settle = (act: () => void): void => {
        clearTimeout(timer);
        waiting.delete(wake);
        act();
      };
      const wake = (): void => settle(resolve);
      const timer = setTimeout(() => settle(() => reject(tooLate())), timeoutMs);
      waiting.add(wake);
    });
  }
}

function tooMany(): Error {
  return createError(429, 'Too many of your requests are under way: try again in 1 second', {
    headers: { 'Retry-After': '1' },
  });
}

function tooLate(): Error {
  return createError(504, 'The call controller did not answer your other requests in time', { expose: true });
}
