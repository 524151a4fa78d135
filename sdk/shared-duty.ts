/** A node that does what one node at a time does for all of them. */
export interface DutyHolder {
  /** This node has the duty from now on. @param state what was written last, texts by name */
  onTaken(state: ReadonlyMap<string, string>): void;
  /** Another node has the duty: this one must not go on with it. */
  onLost(): void;
  /** The store has lost all that was written: the holder writes its whole state again. */
  onForgotten(): void;
}

/**
 * Something that one node at a time does for all nodes of a service, and what that node writes so that another one can go on when it
 * ends or dies: within 8 seconds of a death.
 */
export interface Duty {
  /**
   * Writes texts by name, all of them or none; `undefined` removes a name.
   * @returns false if nothing was written: the store is away, or another node has the duty
   */
  write(changes: ReadonlyMap<string, string | undefined>): Promise<boolean>;
  /** Leaves the duty to the other nodes, for the end of a plugin. */
  release(): Promise<void>;
}
