import { z } from 'zod';

const userName = z.string().regex(/^[A-Za-z0-9._-]{1,64}$/, 'a user name of letters, digits, ".", "_" and "-"');
const behaviour = z.enum(['answer', 'busy', 'noanswer', 'reject']);
const durationMs = z.int().min(0).max(3_600_000);

const telephone = z.strictObject({
  userName,
  /** Answers the proxy's challenges when this telephone, or the container in its user's name, places a call. */
  password: z.string().min(1).max(128),
  behaviour: behaviour.default('answer'),
});

export type Behaviour = z.output<typeof behaviour>;
export type TelephoneSettings = z.output<typeof telephone>;

/** The sandbox's settings, `plugins.sandbox` in the configuration. Times are in milliseconds. */
export const settings = z.strictObject({
  /** UDP port of the proxy; 0 takes a free one. */
  port: z.int().min(0).max(65_535).default(0),
  /** From the INVITE until the telephone rings. */
  ringMs: durationMs.default(100),
  /** From the INVITE until the telephone answers. */
  answerMs: durationMs.default(1000),
  /** How long a telephone talks in a call that it placed itself. */
  talkMs: durationMs.default(10_000),
  /** How long a telephone that placed a call waits for an answer. */
  patienceMs: durationMs.default(30_000),
  users: z
    .array(telephone)
    .max(100)
    .refine((users) => new Set(users.map((user) => user.userName)).size === users.length, 'user names that differ')
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
