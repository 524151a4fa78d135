import { convert } from 'xmlbuilder2';
import { z } from 'zod';
import { callStatusNamespace } from './status-lines.js';

/** A leg of an Invite call, as GET shows it. */
export interface DialogStatus {
  /** `call-id:local-tag:remote-tag` */
  readonly id: string;
  readonly localParty: string;
  readonly remoteParty: string;
  readonly state: string;
  readonly statusLine: string;
}

const single = z.tuple([z.string()]).transform(([value]) => value);
const documentSchema = z.strictObject({
  dialogs: z.tuple([
    z.strictObject({
      '@xmlns': z.literal(callStatusNamespace),
      dialog: z
        .array(
          z.strictObject({
            'dialog-id': single,
            'local-party': single,
            'remote-party': single,
            'dialog-state': single,
            'status-line': single,
          }),
        )
        .default([]),
    }),
  ]),
});

/**
 * Reads the document that GET shows of an Invite call.
 * @throws Error when it is not well-formed, or has another namespace, other elements or repeated ones
 */
export function dialogs(xml: string): DialogStatus[] {
  const { dialogs: root } = documentSchema.parse(convert(xml, { format: 'object', verbose: true }));
  return root[0].dialog.map((dialog) => ({
    id: dialog['dialog-id'],
    localParty: dialog['local-party'],
    remoteParty: dialog['remote-party'],
    state: dialog['dialog-state'],
    statusLine: dialog['status-line'],
  }));
}
