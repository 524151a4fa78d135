import { requirePeers } from '../peers/programs.js';
import { cursorOf, expectOneFinalState } from '../event-reader.js';
import { InviteRig, type Outcome } from './invite-rig.js';

/** A suite of Invite calls that run at the same time against one container. Each test checks the outcome of one call. */
export function describeOutcomes(title: string, outcomes: readonly Outcome[]): void {
  describe(title, function () {
    this.timeout(60_000);
    let rig: InviteRig;
    let cursor: string;

    before(async function () {
      requirePeers(this, 'sipp');
      rig = await InviteRig.open();
      cursor = await cursorOf(rig.container.url);
      rig.startAll(outcomes);
    });

    after(async () => rig?.close());

    for (const outcome of outcomes) it(outcome.title, () => rig.end(outcome));

    it('have each come to one final state, and told it last', () => expectOneFinalState(rig.container.url, cursor));
  });
}
