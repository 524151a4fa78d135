/** A private key and its certificate, with those between it and the authority, in PEM. */
export interface KeyPair {
  readonly key: string;
  readonly cert: string;
}
