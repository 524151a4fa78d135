const NOBODY: readonly never[] = [];

/** What messages are for, by Call-ID: several may share one, when this process calls itself or a call is tried again. */
export class Parties<Party extends { readonly callId: string }> {
  readonly #byCallId = new Map<string, readonly Party[]>();

  add(party: Party): void {
    // Nearly always alone.
    const others = this.#byCallId.get(party.callId);
    this.#byCallId.set(party.callId, others ? others.concat(party) : [party]);
  }

  /** @returns false when it was not there */
  remove(party: { readonly callId: string }): boolean {
    const all = this.of(party.callId);
    const others = all.filter((other) => other !== party);
    if (others.length > 0) this.#byCallId.set(party.callId, others);
    else this.#byCallId.delete(party.callId);
    return others.length < all.length;
  }

  of(callId: string): readonly Party[] {
    return this.#byCallId.get(callId) ?? NOBODY;
  }

  all(): readonly Party[] {
    return [...this.#byCallId.values()].flat();
  }
}
