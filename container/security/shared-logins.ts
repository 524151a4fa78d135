/** What the nodes of a service know together of those who log in. Nothing of it where it cannot be asked: each node then goes by itself. */
export interface SharedLogins {
  /** Of all nodes, in hexadecimal; undefined as long as it is not known. */
  readonly secret: string | undefined;
  /** The clock that all nodes share, in milliseconds. */
  readonly nowMs: number;
  /** Counts a wrong PIN for all nodes. @param waitMs how long `most` of them are remembered. @param periodMs fewer of them */
  count(key: string, most: number, periodMs: number, waitMs: number): void;
  /** How many wrong PINs all nodes have counted, and how long they are remembered; undefined if there are none. */
  wrong(key: string): Promise<{ readonly wrong: number; readonly forMs: number } | undefined>;
  /** Takes a count of a nonce, once on all nodes. @returns false if it was taken before */
  take(nonce: string, count: number, keptMs: number): Promise<boolean>;
}
