import createError from 'http-errors';
import type { z } from 'zod';
import { type CallControl, CallError, type CallFault, type CallQuery } from '../../../sdk/index.js';
import { faultsOf, pointerTo } from './check.js';
import { listSchema, TAG_NAME } from './schemas.js';

const TAG = 'tag.';

/**
 * Reads the query of a list. What is wrong with its form is told together with what the call controller finds wrong with its addresses.
 * @throws CallError 400 with all that is wrong with it
 */
export async function listQuery(querystring: string, calls: CallControl): Promise<CallQuery> {
  const { values, repeated } = parameters(querystring);
  const tags = values.filter(isTag).map(([name, value]): [string, string] => [name.slice(TAG.length), value]);
  const others = Object.fromEntries(values.filter((entry) => !isTag(entry)));
  const { data, error } = listSchema.safeParse(others);
  if (repeated.length > 0 || !data) {
    const faults = [...repeated, ...(error ? faultsOf(error, others) : [])];
    throw badQuery([...faults, ...(await addressFaults(others, faults, calls))]);
  }
  const { since, ...query } = data;
  return {
    ...query,
    ...(tags.length > 0 && { tags: Object.fromEntries(tags) }),
    ...(since !== undefined && { sinceMs: Date.parse(since) }),
  };
}

/**
 * Reads a query. What is wrong with its form is told together with what the call controller finds wrong with its addresses.
 * @throws CallError 400 with all that is wrong with it
 */
export async function readQuery<S extends z.ZodType>(
  schema: S,
  querystring: string,
  calls: CallControl,
): Promise<z.output<S>> {
  const { values, repeated } = parameters(querystring);
  const all = Object.fromEntries(values);
  const { data, error } = schema.safeParse(all);
  const formFaults = [...repeated, ...(error ? faultsOf(error, all) : [])];
  const faults = [...formFaults, ...(await addressFaults(all, formFaults, calls))];
  if (!data || faults.length > 0) throw badQuery(faults);
  return data;
}

interface Parameters {
  /** Of each name that occurs once. */
  readonly values: readonly [string, string][];
  /** Names that occur more than once. */
  readonly repeated: readonly CallFault[];
}

/** @throws HttpError 400 when one is encoded badly */
function parameters(querystring: string): Parameters {
  try {
    decodeURIComponent(querystring);
  } catch {
    throw createError(400, 'The query is not properly percent-encoded');
  }
  const all = new URLSearchParams(`&${querystring}`);
  const counted = [...new Set(all.keys())].map((name) => ({ name, count: all.getAll(name).length }));
  return {
    values: counted.filter(({ count }) => count === 1).map(({ name }) => [name, all.get(name) ?? '']),
    repeated: counted
      .filter(({ count }) => count > 1)
      .map(({ name, count }) => ({ pointer: pointerTo([name]), expected: 'one value', found: String(count) })),
  };
}

/** What is wrong with the addresses of a query that have nothing wrong with their form. */
async function addressFaults(
  { user, agent }: Readonly<Record<string, string>>,
  formFaults: readonly CallFault[],
  calls: CallControl,
): Promise<CallFault[]> {
  const bad = new Set(formFaults.map(({ pointer }) => pointer));
  // The call controller reads all addresses alike, and knows the parties of a call by their roles.
  const faults = await calls.check({
    ...(user !== undefined && !bad.has('/user') && { caller: user }),
    ...(agent !== undefined && !bad.has('/agent') && { agent }),
  });
  return faults.map((fault) => (fault.pointer === '/caller' ? { ...fault, pointer: '/user' } : fault));
}

function badQuery(faults: readonly CallFault[]): CallError {
  return new CallError(400, 'bad-request', 'The query is not as it should be', faults);
}

function isTag([name]: [string, string]): boolean {
  return name.startsWith(TAG) && TAG_NAME.test(name.slice(TAG.length));
}
