import { z } from 'zod';
import { CALL_EVENT_TYPES, CALL_STATUSES } from '../../../sdk/index.js';
import { isHttpUrl, isSecret, secretForm, urlForm } from '../webhooks/forms.js';

// Every message below is what an error says after "expected".
const user = 'a user name, an alias, a telephone number or user@host, of 1 to 300 characters';
const oneLine = (most: number): string => `a text of ${most} characters at the most, in one line`;

const userSchema = z.string(user).min(1, user).max(300, user);
const lineSchema = (most: number) =>
  z
    .string(oneLine(most))
    .max(most, oneLine(most))
    .regex(/^\P{Cc}*$/u, oneLine(most));
const flagSchema = z.boolean('true or false');
const secondsSchema = (least: number, most: number) => {
  const expected = `seconds, an integer from ${least} to ${most}`;
  return z.int(expected).min(least, expected).max(most, expected);
};
const textsSchema = (names: RegExp, expected: string, most: number) =>
  z
    .record(z.string().regex(names, expected), lineSchema(256), 'an object of texts')
    .refine((all) => Object.keys(all).length <= most, `an object of ${most} texts at the most`);

const headersSchema = textsSchema(/^[A-Za-z0-9-]{1,64}$/, 'the name of a SIP header field', 16);
export const TAG_NAME = /^[A-Za-z0-9_.-]{1,64}$/;
const tagNames = 'a name of 1 to 64 letters, digits, "_", "." and "-"';

/** The body of `POST /v1/calls`. */
export const orderSchema = z.strictObject(
  {
    caller: userSchema.describe('Whose telephone rings first'),
    callee: userSchema.describe('Who is called once the caller has answered'),
    method: z
      .enum(['auto', 'refer', 'invite'], 'auto, refer or invite')
      .optional()
      .describe(
        'Whether the controller leaves the call to the telephones (refer), stays in its path (invite), or tries the former first',
      ),
    agent: userSchema.optional().describe('Who places the call; by default the caller'),
    timeoutSeconds: secondsSchema(0, 3_600).optional().describe('How long the caller is alerted; 180 by default'),
    subject: lineSchema(256).optional().describe('Subject of the call'),
    autoAnswer: flagSchema.optional().describe('Whether the caller’s telephone is asked to pick up by itself'),
    isForwardingAllowed: flagSchema.optional().describe('Whether the caller’s forwarding applies'),
    keepSeconds: secondsSchema(0, 86_400)
      .optional()
      .describe('How long the call is kept after it was placed; 180 by default'),
    conferencePin: z
      .string('1 to 32 letters, digits, * and #')
      .regex(/^[A-Za-z0-9*#]{1,32}$/, '1 to 32 letters, digits, * and #')
      .optional()
      .describe('PIN of the conference that is called'),
    maxDurationSeconds: secondsSchema(1, 86_400)
      .optional()
      .describe('When the call is hung up after it was connected; keeps the controller in its path'),
    callerId: z
      .string('a number or name of 1 to 64 characters')
      .regex(/^[^\s@<>"]{1,64}$/, 'a number or name of 1 to 64 characters')
      .optional()
      .describe(
        'What the callee is shown: one of the agent’s callerIds in the user directory; keeps the controller in the path',
      ),
    headers: z
      .strictObject(
        { caller: headersSchema.optional(), callee: headersSchema.optional() },
        'an object with caller and callee',
      )
      .optional()
      .describe('SIP header fields with X-, and those that the configuration allows'),
    sink: z
      .strictObject(
        {
          url: z.string(urlForm).refine(isHttpUrl, urlForm).describe('Where the events of this call are posted'),
          secret: z.string(secretForm).refine(isSecret, secretForm).describe('With which they are signed'),
        },
        'an object with url and secret',
      )
      .optional()
      .describe('A webhook of this call’s own'),
    tags: textsSchema(TAG_NAME, tagNames, 16).optional().describe('The application’s own notes'),
  },
  'a JSON object with caller and callee',
);
export type OrderBody = z.output<typeof orderSchema>;

/** The body of `POST /v1/calls/{id}/transfer`. */
export const transferSchema = z.strictObject(
  { target: userSchema.describe('Who takes the caller’s place') },
  'a JSON object with target',
);

const limit = 'an integer from 1 to 500';
const time = 'a time as in RFC 3339, for example 2026-01-31T12:00:00Z';

export const statusSchema = z.enum(CALL_STATUSES, `one of ${CALL_STATUSES.join(', ')}`);

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** The query of `GET /v1/calls`, less its `tag.` parameters. */
export const listSchema = z.strictObject({
  state: z.enum(['live', 'ended', 'all'], 'live, ended or all').optional(),
  user: userSchema.optional(),
  agent: userSchema.optional(),
  status: statusSchema.optional(),
  since: z.iso.datetime({ offset: true, error: time }).optional(),
  limit: z
    .string(limit)
    .regex(/^\d{1,3}$/, limit)
    .transform(Number)
    .refine((value) => value >= 1 && value <= 500, limit)
    .optional(),
  cursor: z.string().regex(UUID, 'the cursor of a page before').optional(),
});

const oneSubject = 'either user or call';

/** The body of `PUT /v1/trace`. */
export const traceSchema = z
  .strictObject(
    {
      user: userSchema.optional(),
      call: z
        .string()
        .regex(/^[0-9a-f-]{36}$/, 'the id of a call')
        .optional(),
      seconds: z
        .int('seconds, an integer from 1 to 3600')
        .min(1, 'seconds, an integer from 1 to 3600')
        .max(3_600, 'seconds, an integer from 1 to 3600')
        .default(600),
    },
    'an object with user or call',
  )
  .refine((trace) => (trace.user === undefined) !== (trace.call === undefined), oneSubject);

const oneOfTheTypes = `types of events, separated by commas: ${CALL_EVENT_TYPES.join(', ')}`;
export const eventTypeSchema = z.enum(CALL_EVENT_TYPES, oneOfTheTypes);

/** The query of `GET /v1/events`. */
export const eventQuerySchema = z.strictObject({
  user: userSchema.optional(),
  call: z
    .string()
    .regex(/^[0-9a-f-]{36}$/, 'the id of a call')
    .optional(),
  type: z
    .string()
    .refine((text) => text.split(',').every((type) => eventTypeSchema.safeParse(type).success), oneOfTheTypes)
    .transform((text) => text.split(','))
    .optional(),
  lastEventId: z.string().max(64, 'the id of an event').optional(),
});
