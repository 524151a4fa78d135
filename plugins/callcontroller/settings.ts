import { z } from 'zod';

/** The kinds of offer that a call can begin with. */
export const INITIAL_OFFERS = ['inactive', 'noMedia', 'offerless'] as const;
export type InitialOffer = (typeof INITIAL_OFFERS)[number];

const AUTO_ANSWER_HEADERS = ['Answer-Mode', 'Call-Info', 'Alert-Info'] as const;
export type AutoAnswerHeader = (typeof AUTO_ANSWER_HEADERS)[number];

const PARTIES = ['caller', 'callee'] as const;
const REFERRED = ['users', 'any'] as const;

const words = (choices: readonly string[]): string => choices.join(', ');
const seconds = (least: number): z.ZodInt => {
  const expected = `seconds, an integer from ${least} to 86400`;
  return z.int(expected).min(least, expected).max(86_400, expected);
};

const headerName = 'the name of a SIP header field';
const freeHeader = 'a header field that the SIP stack does not write itself';
/** Header fields that only the stack writes. */
const WRITTEN_BY_THE_STACK: ReadonlySet<string> = new Set(
  (
    'via v from f to t call-id i cseq max-forwards contact m route record-route path content-length l content-type c content-encoding e ' +
    'authorization proxy-authorization www-authenticate proxy-authenticate require proxy-require supported k allow accept ' +
    'session-expires x min-se refer-to r referred-by b replaces event o subject s'
  ).split(' '),
);
const isFree = (name: string): boolean => !WRITTEN_BY_THE_STACK.has(name.toLowerCase());
const headerNames = z.array(
  z
    .string(headerName)
    .regex(/^[A-Za-z0-9-]{1,64}$/, headerName)
    .refine(isFree, freeHeader),
  'a list of names',
);

const AGENTS_MAY_CALL = 'any, own, or an object of user names, each with any or a list of user names';

/** The call controller's settings, `plugins.callcontroller` in the configuration. */
export const settingsSchema = z.strictObject({
  /** What the first INVITE of a call offers; a telephone that refuses it is offered the others in turn. */
  initialOffer: z.enum(INITIAL_OFFERS, `one of ${words(INITIAL_OFFERS)}`).default('inactive'),
  /** Header that `autoAnswer=True` adds to the first INVITE. */
  autoAnswer: z
    .array(
      z.enum(AUTO_ANSWER_HEADERS, `one of ${words(AUTO_ANSWER_HEADERS)}`),
      `a list of ${words(AUTO_ANSWER_HEADERS)}`,
    )
    .default([...AUTO_ANSWER_HEADERS]),
  /**
   * From whose telephones users outside may place calls: anybody's, only their own, or by user name those of a list. Users without an
   * entry may use only their own.
   */
  agentsMayCall: z
    .union(
      [z.enum(['any', 'own']), z.record(z.string(), z.union([z.literal('any'), z.array(z.string())]))],
      AGENTS_MAY_CALL,
    )
    .default('any'),
  /** The session interval that an Invite call proposes (RFC 4028). */
  sessionExpires: seconds(90).default(1_800),
  /** SIP header fields that a call's `headers` may set beside those with `X-`. */
  headers: headerNames.default([]),
  /** Header fields that are carried from one telephone of an Invite call to the other, beside the usual ones. */
  carriedHeaders: headerNames.default([]),
  /** Parties whose identity headers are believed (RFC 3325) and passed on. */
  trustedParties: z.array(z.enum(PARTIES, `one of ${words(PARTIES)}`), `a list of ${words(PARTIES)}`).default([]),
  /** Whom a telephone may ask the other one to call by REFER: users and names, or any number as well. */
  phonesMayReferTo: z.enum(REFERRED, `one of ${words(REFERRED)}`).default('users'),
  /** How often each telephone of an Invite call is checked to be still there. */
  liveness: seconds(1).default(60),
});

export type Settings = z.output<typeof settingsSchema>;
