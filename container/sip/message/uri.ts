/** A URI of a request line or an address header field. It goes back on the wire unchanged. */
export interface Uri {
  /** In lower case. */
  readonly scheme: string;
  /** The decoded user part; the number of a `tel:` URI. */
  readonly user: string | undefined;
  /** In lower case; empty if the scheme has no host. */
  readonly host: string;
  readonly port: number | undefined;
  /** Null: the parameter has no value. Undefined: there is no such parameter. */
  getParam(name: string): string | null | undefined;
  /** With its host in lower case. */
  toString(): string;
  /** Unchanged. */
  toRaw(): string;
}
