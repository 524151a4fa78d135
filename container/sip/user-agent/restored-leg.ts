import type { LegListener } from '../../../sdk/index.js';
import type { CallCore } from '../dialog/call-core.js';
import type { DialogState } from '../dialog/dialog.js';
import type { DigestClient } from '../dialog/digest.js';
import { InviteDialog } from '../dialog/invite-dialog.js';
import { DialogLeg } from './leg.js';
import type { Guard } from './listener.js';

/** A confirmed leg taken over from another process. */
export class RestoredLeg extends DialogLeg {
  readonly localParty: string;
  readonly remoteParty: string;
  readonly remoteTag: string;

  constructor(core: CallCore, state: DialogState, digest: DigestClient, run: Guard, listener: LegListener) {
    super(core, digest, run);
    this.localParty = state.localUri.toString();
    this.remoteParty = state.remoteUri.toString();
    this.remoteTag = state.remoteTag;
    this.listen(listener);
    this.adopt(new InviteDialog(core, state, 'stable'), false);
  }
}
