import { convert } from 'xmlbuilder2';
import { z } from 'zod';
import { callStatusNamespace } from './status-lines.js';

/** A leg of an Invite call, as GET shows it. */
export interface ShownDialog {
  readonly callId: string;
  readonly localTag: string;
  /** Empty before the other side has answered. */
  readonly remoteTag: string;
  /** SIP URIs. */
  readonly localParty: string;
  readonly remoteParty: string;
  /** For example `Confirmed Dialog`. */
  readonly state: string;
  /** For example `SIP/2.0 200 OK`; empty before the first response. */
  readonly statusLine: string;
}

const text = z.tuple([z.string()]).transform(([value]) => value);
const states = ['Early Dialog', 'Confirmed Dialog', 'Completed Dialog', 'Terminated Dialog'];
const documentSchema = z.strictObject({
  dialogs: z.tuple([
    z.strictObject({
      '@xmlns': z.literal(callStatusNamespace),
      dialog: z.array(
        z.strictObject({
          'dialog-id': text.pipe(z.string().regex(/^[^:]+:[^:]+:[^:]*$/)),
          'local-party': text.pipe(z.string().startsWith('sip:')),
          'remote-party': text.pipe(z.string().startsWith('sip:')),
          'dialog-state': text.pipe(z.enum(states)),
          // The parser returns an object for an empty element.
          'status-line': z.union([text, z.tuple([z.strictObject({})]).transform(() => '')]),
        }),
      ),
    }),
  ]),
});

/**
 * Reads the document that GET shows of an Invite call.
 * @throws Error if the document is not well-formed, or has another namespace, other or repeated elements, or an unknown state
 */
export function dialogs(xml: string): ShownDialog[] {
  const { dialogs: root } = documentSchema.parse(convert(xml, { format: 'object', verbose: true }));
  return root[0].dialog.map((dialog) => {
    const [callId = '', localTag = '', remoteTag = ''] = dialog['dialog-id'].split(':');
    return {
      callId,
      localTag,
      remoteTag,
      localParty: dialog['local-party'],
      remoteParty: dialog['remote-party'],
      state: dialog['dialog-state'],
      statusLine: dialog['status-line'],
    };
  });
}
