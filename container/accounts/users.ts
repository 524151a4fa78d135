import { createHash } from 'node:crypto';
import { z } from 'zod';
import { isHostName, isSipUser } from '../config/values.js';
import type { Account } from '../../sdk/accounts.js';
import { escapedUser } from '../../sdk/address.js';

const text = (expected: string, test: (value: string) => boolean) => z.string(expected).refine(test, expected);
const user = 'a SIP user name, without spaces and @';
const name = text(user, isUserName);
const identity = text('a SIP address such as user1@example.com', isIdentity);
const displayName = text(
  'a text of at most 255 characters on one line',
  (value) => value.length <= 255 && !/\p{Cc}/u.test(value),
);
const md5 = (of: string) =>
  text(`MD5 of ${of} as 32 hexadecimal digits`, (value) => /^[0-9a-f]{32}$/i.test(value)).transform((value) =>
    value.toLowerCase(),
  );
const secret = text('a text on one line', (value) => !/\p{Cc}/u.test(value));

/** The keys of a user in the user directory. */
export const userShape = {
  userName: name,
  identity: identity.optional(),
  displayName: displayName.optional(),
  aliases: z.array(name, 'a list of aliases').optional(),
  callerIds: z.array(name, 'a list of numbers and names').optional(),
  pin: secret.optional(),
  pintoken: md5('userName:realm:pin').optional(),
  sipPassword: secret.optional(),
  passtoken: md5('userName:realm:sipPassword').optional(),
  localOnly: z.boolean('true or false').optional(),
};

export const usersSchema = z.array(
  z.strictObject(userShape, 'an object with userName').superRefine((entry, context) => {
    const twice = (path: string, other: string) =>
      context.addIssue({ code: 'custom', path: [path], message: `nothing beside ${other}` });
    if (entry.passtoken !== undefined && entry.sipPassword !== undefined) twice('passtoken', 'sipPassword');
    if (entry.pintoken !== undefined && entry.pin !== undefined) twice('pintoken', 'pin');
  }),
  'a list of users',
);

export type User = z.output<typeof usersSchema>[number];

/** A clear password, or `ha1`: MD5 of userName:realm:password, in hexadecimal. */
export interface SipSecret {
  readonly userName: string;
  readonly password?: string;
  readonly ha1?: string;
}

/** A clear PIN, or `ha1`: MD5 of userName:realm:pin, in hexadecimal. */
export interface PinSecret {
  readonly userName: string;
  readonly pin?: string;
  readonly ha1?: string;
}

/** The secrets of a user. Kept apart from the account, which plugins see and log. */
export interface Secrets {
  readonly sip?: SipSecret;
  readonly pin?: PinSecret;
  /** The PIN above counts, also where an LDAP directory checks the passwords of the others. */
  readonly localOnly: boolean;
}

/** Makes the account that plugins see. */
export function accountOf(entry: User, secrets: Secrets, domain: string): Account {
  return Object.freeze({
    userName: entry.userName,
    identity: escapedUser(entry.identity ?? `${entry.userName}@${domain}`),
    displayName: entry.displayName ?? '',
    aliases: Object.freeze([...(entry.aliases ?? [])]),
    ...(entry.callerIds && { callerIds: Object.freeze([...entry.callerIds]) }),
    hasSipCredentials: secrets.sip !== undefined,
  });
}

/** An empty password or PIN is none, also in the form of its hash. */
export function secretsOf(
  { userName, pin, pintoken, sipPassword, passtoken, localOnly }: User,
  realm: string,
): Secrets {
  const empty = createHash('md5').update(`${userName}:${realm}:`).digest('hex');
  const hashed = (value: string | undefined): value is string => value !== undefined && value !== empty;
  return {
    ...(isSet(sipPassword) && { sip: { userName, password: sipPassword } }),
    ...(hashed(passtoken) && { sip: { userName, ha1: passtoken } }),
    ...(isSet(pin) && { pin: { userName, pin } }),
    ...(hashed(pintoken) && { pin: { userName, ha1: pintoken } }),
    localOnly: localOnly ?? false,
  };
}

function isSet(value: string | undefined): value is string {
  return value !== undefined && value !== '';
}

/** Letters beyond ASCII are allowed; in SIP they are escaped. */
function isUserName(value: string): boolean {
  return !value.includes('#') && isSipUser(escapedUser(value));
}

function isIdentity(value: string): boolean {
  const [userPart = '', host = '', ...more] = value.split('@');
  return more.length === 0 && isUserName(userPart) && isHostName(host);
}
