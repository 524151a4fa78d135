import createError from 'http-errors';
import { CallError, type CallFault, type CallQuery } from '../../../sdk/index.js';
import { check } from './check.js';
import { listSchema, TAG_NAME } from './schemas.js';

const TAG = 'tag.';

/**
 * Reads the query of a list.
 * @throws CallError 400 with all that is wrong with it
 */
export function listQuery(querystring: string): CallQuery {
  const { tags, others } = parameters(querystring);
  const { since, ...query } = check(listSchema, others, 'query');
  return {
    ...query,
    ...(Object.keys(tags).length > 0 && { tags }),
    ...(since !== undefined && { sinceMs: Date.parse(since) }),
  };
}

/** The parameters of a query by name. @throws CallError 400 when one is repeated, HttpError 400 when one is encoded badly */
export function queryParameters(querystring: string): Record<string, string> {
  try {
    decodeURIComponent(querystring);
  } catch {
    throw createError(400, 'The query is not properly percent-encoded');
  }
  const all = new URLSearchParams(`&${querystring}`);
  const names = [...new Set(all.keys())];
  const faults = names
    .filter((name) => all.getAll(name).length > 1)
    .map((name): CallFault => ({ pointer: `/${name}`, expected: 'one value', found: String(all.getAll(name).length) }));
  if (faults.length > 0) throw new CallError(400, 'bad-request', 'The query is not as it should be', faults);
  return Object.fromEntries(all);
}

function parameters(querystring: string): { tags: Record<string, string>; others: Record<string, string> } {
  const all = Object.entries(queryParameters(querystring));
  const tags = all.filter(isTag).map(([name, value]): [string, string] => [name.slice(TAG.length), value]);
  return { tags: Object.fromEntries(tags), others: Object.fromEntries(all.filter((entry) => !isTag(entry))) };
}

function isTag([name]: [string, string]): boolean {
  return name.startsWith(TAG) && TAG_NAME.test(name.slice(TAG.length));
}
