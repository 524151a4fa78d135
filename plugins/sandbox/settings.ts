import { z } from 'zod';

// Every message below is what an error line says after "expected".
const name = 'a user name of 1 to 64 letters, digits, ".", "_" and "-"';
const secret = 'a password of 1 to 128 characters';
const port = 'a port, an integer from 0 to 65535';
const duration = 'milliseconds, an integer from 0 to 3600000';
const list = 'a list of at most 100 telephones, no two with the same userName';

const behaviour = z.enum(['answer', 'busy', 'noanswer', 'reject'], 'one of answer, busy, noanswer, reject');
const durationMs = z.int(duration).min(0, duration).max(3_600_000, duration);

const telephone = z.strictObject(
  {
    userName: z.string(name).regex(/^[A-Za-z0-9._-]{1,64}$/, name),
    /** Answers the proxy's challenges when this telephone, or the container in its user's name, places a call. */
    password: z.string(secret).min(1, secret).max(128, secret),
    behaviour: behaviour.default('answer'),
  },
  'an object with userName, password and behaviour',
);

export type Behaviour = z.output<typeof behaviour>;
export type TelephoneSettings = z.output<typeof telephone>;

/** The sandbox's settings, `plugins.sandbox` in the configuration. Times are in milliseconds. */
export const settings = z.strictObject({
  /** UDP port of the proxy; 0 takes a free one. */
  port: z.int(port).min(0, port).max(65_535, port).default(0),
  /** From the INVITE until the telephone rings. */
  ringMs: durationMs.default(100),
  /** From the INVITE until the telephone answers. */
  answerMs: durationMs.default(1000),
  /** How long a telephone talks in a call that it placed itself. */
  talkMs: durationMs.default(10_000),
  /** How long a telephone that placed a call waits for an answer. */
  patienceMs: durationMs.default(30_000),
  users: z
    .array(telephone, list)
    .max(100, list)
    .refine((users) => new Set(users.map((user) => user.userName)).size === users.length, list)
    .default([
      { userName: 'user1', password: '123', behaviour: 'answer' },
      { userName: 'user2', password: '123', behaviour: 'answer' },
      { userName: 'user3', password: '123', behaviour: 'answer' },
      { userName: 'busy', password: '123', behaviour: 'busy' },
      { userName: 'noanswer', password: '123', behaviour: 'noanswer' },
      { userName: 'reject', password: '123', behaviour: 'reject' },
    ]),
});

export type Settings = z.output<typeof settings>;
