/** A URI as requests and address header fields have it. It goes back on the wire as it came. */
export interface Uri {
  /** In lower case. */
  readonly scheme: string;
  /** The decoded user part; of a `tel:` URI its number. */
  readonly user: string | undefined;
  /** In lower case; empty where the scheme has no host. */
  readonly host: string;
  readonly port: number | undefined;
  /** Null: there, without a value. Undefined: not there. */
  getParam(name: string): string | null | undefined;
  /** With its host in lower case. */
  toString(): string;
  /** To the letter. */
  toRaw(): string;
}
