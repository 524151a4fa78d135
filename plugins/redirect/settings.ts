import { accessSync, constants } from 'node:fs';
import { isAbsolute } from 'node:path';
import { z } from 'zod';

// Every message below is what an error line says after "expected".
const REDIS = 'redis';
const base = 'a base URL such as http://192.0.2.11:6667, without user, query and fragment, or redis';
const pemFile = 'the absolute path of a readable PEM file';
const time = 'milliseconds, an integer from 100 to 600000';

/** The redirect's settings, `plugins.redirect` in the configuration. */
export const settings = z
  .strictObject({
    /**
     * The container that runs the call controller: its listener inside the cluster, or `redis`, all nodes that the configuration's Redis
     * knows. By default this container itself.
     */
    callcontroller: z
      .string(base)
      .refine((text) => text === REDIS || isBase(text), base)
      .transform((text) => (text === REDIS ? REDIS : new URL(text)))
      .optional(),
    /** Certificate authorities that the node is checked against. By default those of `tls.ca`, else those that Node trusts. */
    ca: z.string(pemFile).refine(isReadable, pemFile).optional(),
    /** How long the node may take until its answer begins, and between two parts of it. */
    timeoutMs: z.int(time).min(100, time).max(600_000, time).default(10_000),
  })
  .superRefine(({ callcontroller, ca }, context) => {
    if (ca !== undefined && (callcontroller === REDIS || callcontroller?.protocol !== 'https:'))
      context.addIssue({
        code: 'custom',
        path: ['ca'],
        message: 'nothing, since callcontroller is not an https:// URL',
      });
  });

export type Settings = z.output<typeof settings>;

function isBase(text: string): boolean {
  if (!/^https?:\/\//i.test(text) || !URL.canParse(text)) return false;
  const { username, password } = new URL(text);
  return username + password === '' && !/[?#]/.test(text);
}

function isReadable(path: string): boolean {
  try {
    accessSync(path, constants.R_OK);
    return isAbsolute(path);
  } catch {
    return false;
  }
}
