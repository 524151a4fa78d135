import { z } from 'zod';
import type { ChallengeSnapshot, LegSnapshot } from '../../../sdk/index.js';
import { parseTarget } from '../message/parser/index.js';
import type { CallCoreOptions } from './call-options.js';
import type { DialogState } from './dialog.js';

/**
 * How far the CSeq of a restored dialog is above the stored one. Gaps are legal (RFC 3261 section 12.2.2). The former owner may have sent
 * requests since the snapshot, and may send more: the other side refuses those as out of order.
 */
export const CSEQ_LEAP = 0x1_00_00;
/** RFC 3261 section 8.1.1.5. */
const MAX_CSEQ = 2 ** 31 - 1;
const MAX_ROUTES = 64;

const token = z.string().regex(/^[\w.!%*+`'~-]{1,256}$/);
const uri = z
  .string()
  .max(2048)
  .regex(/^[^<>"\s]+$/)
  .refine(isUri);
const route = z
  .string()
  .max(2048)
  .regex(/^\P{Cc}+$/u)
  .refine(isAddress);
const cseq = z.int().min(0).max(MAX_CSEQ);

/** Schema of the snapshot of a leg. The snapshot comes from a store that others can write to, so every value is checked. */
const snapshotSchema = z.object({
  dialog: z.object({
    callId: z.string().regex(/^[\x21-\x7e]{1,512}$/),
    localTag: token,
    remoteTag: token.or(z.literal('')),
    localUri: uri,
    remoteUri: uri,
    remoteTarget: uri,
    routeSet: z.array(route).max(MAX_ROUTES),
    localCseq: cseq.max(MAX_CSEQ - 2 * CSEQ_LEAP),
    remoteCseq: cseq.optional(),
    isSecure: z.boolean(),
  }),
  contactUser: z.string().max(256).refine(isUser),
  displayName: z
    .string()
    .max(512)
    .regex(/^(?:[^"\\\p{Cc}]|\\[^\p{Cc}])*$/u),
  protocol: z.enum(['UDP', 'TCP', 'TLS']),
  challenges: z
    .array(
      z.object({
        realm: z.string().max(256),
        header: z.enum(['authorization', 'proxy-authorization']),
        provisionals: z.array(z.string().max(256)).max(16),
        strength: z.int().min(0).max(16),
      }),
    )
    .max(16),
});

/** What a leg is restored from. */
export interface RestoredDialog {
  readonly options: Omit<CallCoreOptions, 'proxy'>;
  readonly state: DialogState;
  readonly challenges: readonly ChallengeSnapshot[];
}

/** Reads the snapshot of a leg. @throws Error if it does not describe a dialog */
export function readSnapshot(snapshot: LegSnapshot): RestoredDialog {
  const { dialog, contactUser, displayName, protocol, challenges } = snapshotSchema.parse(snapshot);
  const { callId, localTag, remoteTag, localCseq, remoteCseq, routeSet, isSecure } = dialog;
  return {
    options: { callId, localTag, contactUser, displayName, protocol, isSecure },
    state: {
      localTag,
      remoteTag,
      localUri: readUri(dialog.localUri),
      remoteUri: readUri(dialog.remoteUri),
      remoteTarget: readUri(dialog.remoteTarget),
      routeSet,
      localCseq: localCseq + CSEQ_LEAP,
      remoteCseq,
    },
    challenges,
  };
}

function readUri(text: string): DialogState['remoteTarget'] {
  return parseTarget(`<${text}>`).uri;
}

function isAddress(text: string): boolean {
  try {
    return parseTarget(text).uri.scheme !== '';
  } catch {
    return false;
  }
}

function isUri(text: string): boolean {
  return isAddress(`<${text}>`);
}

function isUser(text: string): boolean {
  return /^[\w.!~*'()&=+$,;?/%-]*$/.test(text) && isUri(`sip:${text}@host`);
}
