import { expect } from 'chai';
import { HeldConnections } from '../../../../container/sip/transport/held-connections.js';
import type { Connection } from '../../../../container/sip/transport/transport.js';

/** Counts who holds it. */
class CountedConnection implements Connection {
  isOpen = true;
  holders = 0;
  readonly watchers = new Set<(error: Error) => void>();

  async send(): Promise<void> {
    // goes well
  }

  whenLost(callback: (error: Error) => void): () => void {
    this.watchers.add(callback);
    return () => this.watchers.delete(callback);
  }

  hold(): () => void {
    this.holders += 1;
    return () => (this.holders -= 1);
  }

  lose(): void {
    this.isOpen = false;
    for (const watcher of this.watchers) watcher(new Error('lost'));
  }
}

describe('The connections that a call needs', () => {
  it('are held once, however many messages they carry, and let go at the end of the call', () => {
    const held = new HeldConnections();
    const [first, second] = [new CountedConnection(), new CountedConnection()];
    for (const connection of [first, second, first, undefined]) held.hold(connection);
    expect([first.holders, second.holders]).to.deep.equal([1, 1]);
    held.releaseAll();
    expect([first.holders, second.holders]).to.deep.equal([0, 0]);
    expect([first.watchers.size, second.watchers.size]).to.deep.equal([0, 0]);
  });

  it('are forgotten when they are lost, and not held again', () => {
    const held = new HeldConnections();
    const connection = new CountedConnection();
    held.hold(connection);
    connection.lose();
    held.hold(connection);
    held.releaseAll();
    expect(connection.holders, 'held before the loss, which ended it').to.equal(1);
  });
});
