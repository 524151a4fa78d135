import { z } from 'zod';
import { type CallInfo, type CallMessage, REASON_CODES } from '../../../sdk/index.js';
import { eventTypeSchema, statusSchema } from '../http/schemas.js';

const time = (what: string) => z.iso.datetime().describe(`${what}; RFC 3339 in UTC, with milliseconds`);

/*
 * What `/v1` answers. Requests are checked against their schemas; these are for the description alone, and the compiler holds them to
 * what the call controller gives.
 */

export const callSchema = z.object({
  id: z.uuidv7().describe('Ids sort by the time of their calls'),
  status: statusSchema.describe(
    'How far the call is; handedOver: the telephones have it, and whether they talk was never told',
  ),
  isFinal: z.boolean().describe('Nothing changes the status any more'),
  method: z.enum(['auto', 'refer', 'invite']),
  control: z
    .enum(['full', 'setup', 'none'])
    .describe('full: can be held, transferred and hung up; setup: can be cancelled until the telephones have the call'),
  caller: z.string().describe('Address of the calling user, user@host'),
  callee: z.string().describe('Address of the called user, user@host'),
  agent: z.string().describe('Address of the user who placed the call'),
  subject: z.string().optional(),
  tags: z.record(z.string(), z.string()).optional(),
  isHeld: z.boolean().optional(),
  createdAt: time('When the call was placed'),
  callerAnsweredAt: time('When the caller picked up').optional(),
  connectedAt: time('When the two were connected').optional(),
  endedAt: time('When the call was over').optional(),
  endsAt: time('When maxDurationSeconds will be over').optional(),
  reason: z
    .object({
      code: z.enum(REASON_CODES),
      sip: z.int().optional().describe('SIP status code'),
      text: z.string().optional(),
      by: z.enum(['caller', 'callee', 'agent', 'controller']).describe('Who ended the call'),
    })
    .optional()
    .describe('Why the call is over'),
  legs: z.array(
    z.object({
      role: z.enum(['caller', 'callee', 'target']),
      sipCallId: z.string(),
      state: z.enum(['calling', 'ringing', 'answered', 'ended']),
      sipStatus: z.int().optional().describe('Latest SIP status of the INVITE'),
    }),
  ),
  node: z.string().describe('The container that has the call'),
  revision: z.int().describe('Counts the changes of the call; the ETag'),
}) satisfies z.ZodType<CallInfo>;

export const callPageSchema = z.object({
  items: z.array(callSchema).describe('Newest first'),
  next: z.string().optional().describe('Cursor of the next page'),
});

export const messagesSchema = z.object({
  items: z.array(
    z.object({
      at: time('When the message was sent or received'),
      leg: z.enum(['caller', 'callee', 'target']),
      direction: z.enum(['in', 'out']),
      startLine: z.string(),
      cseq: z.string(),
      text: z.string().optional().describe('The whole message, credentials masked; while the container traces'),
    }) satisfies z.ZodType<CallMessage>,
  ),
});

export const eventSchema = z.object({
  id: z.string().describe('Cursor of the event'),
  type: eventTypeSchema,
  timestamp: time('When it happened'),
  sequence: z.int().min(1).describe('Counts the events of the call without gaps'),
  data: z.object({ call: callSchema }),
});

export const problemSchema = z.object({
  type: z.string(),
  title: z.string(),
  status: z.int(),
  code: z.string().describe('A word for programs, for example bad-request, wrong-state or draining'),
  detail: z.string(),
  requestId: z.string(),
  errors: z
    .array(
      z.object({
        pointer: z.string().describe('JSON pointer (RFC 6901) to the value'),
        expected: z.string(),
        found: z.string(),
      }),
    )
    .optional()
    .describe('All that is wrong with the request'),
});

export const tracedSchema = z.object({
  user: z.string().optional(),
  call: z.string().optional(),
  until: z.iso.datetime(),
});
