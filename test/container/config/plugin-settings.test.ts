import { expect } from 'chai';
import { z } from 'zod';
import { configurationError } from '../../../container/config/issues.js';

const schema = z.strictObject({
  url: z.url(),
  timeoutMs: z.int().min(1).optional(),
  mode: z.enum(['fast', 'safe']).optional(),
  apiToken: z.string().optional(),
  phones: z.array(z.object({ pin: z.string() })).optional(),
});

function message(input: unknown): string {
  const { error } = schema.safeParse(input);
  if (error === undefined) throw new Error('the settings were accepted');
  return configurationError(error, {
    input,
    prefix: ['plugins', 'hello'],
    sourceOf: () => 'c.json',
    keysAt: () => Object.keys(schema.shape),
  }).message;
}

describe("A plugin's own settings that do not fit its schema", () => {
  const url = 'http://127.0.0.1';
  for (const [input, expected] of [
    [{}, 'plugins.hello.url (c.json): expected string, found nothing'],
    [{ url, timeoutMs: 'x' }, 'plugins.hello.timeoutMs (c.json): expected number, found "x"'],
    [{ url, timeoutMs: 0 }, 'plugins.hello.timeoutMs (c.json): expected number to be >=1, found 0'],
    [{ url, mode: 'slow' }, 'plugins.hello.mode (c.json): expected one of "fast"|"safe", found "slow"'],
    [{ url, apiToken: 5 }, 'plugins.hello.apiToken (c.json): expected string, found a number (not shown)'],
    [
      { url, phones: [{ pin: 123 }] },
      'plugins.hello.phones[0].pin (c.json): expected string, found a number (not shown)',
    ],
    [
      { url, timeout: 5 },
      'plugins.hello.timeout (c.json): expected a documented key, perhaps timeoutMs, found an unknown one',
    ],
    ['text', 'plugins.hello (c.json): expected object, found "text"'],
  ] as const) {
    it(`are named in one line: ${expected}`, () => {
      expect(message(input)).to.equal(expected);
    });
  }
});
