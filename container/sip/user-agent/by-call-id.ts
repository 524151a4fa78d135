const NOBODY: readonly never[] = [];

/** Receivers of messages, by Call-ID. Several share one when this process calls itself, or when a call is tried again. */
export class ByCallId<Entry extends { readonly callId: string }> {
  readonly #byCallId = new Map<string, readonly Entry[]>();

  add(entry: Entry): void {
    // Nearly always the only one.
    const others = this.#byCallId.get(entry.callId);
    this.#byCallId.set(entry.callId, others ? others.concat(entry) : [entry]);
  }

  /** @returns false if the entry was not there */
  remove(entry: { readonly callId: string }): boolean {
    const all = this.of(entry.callId);
    const others = all.filter((other) => other !== entry);
    if (others.length > 0) this.#byCallId.set(entry.callId, others);
    else this.#byCallId.delete(entry.callId);
    return others.length < all.length;
  }

  of(callId: string): readonly Entry[] {
    return this.#byCallId.get(callId) ?? NOBODY;
  }

  all(): readonly Entry[] {
    return [...this.#byCallId.values()].flat();
  }
}
