import type { z } from 'zod';
import { type CallControl, CallError, type CallFault } from '../../../sdk/index.js';
import type { Webhooks } from '../webhooks/webhooks.js';
import { faultsOf } from './check.js';
import { type OrderBody, orderSchema } from './schemas.js';

const partSchema = orderSchema.partial();

/**
 * Reads the body of a POST. What is wrong with its form is told together with what else the call controller finds wrong with the rest.
 * @throws CallError 400
 */
export async function readOrder(body: unknown, calls: CallControl, webhooks: Webhooks): Promise<OrderBody> {
  const { data, error } = orderSchema.safeParse(body);
  if (data) return data;
  const { sink, ...rest } = soundPart(body, error.issues);
  const isSinkBad = sink !== undefined && !(await webhooks.resolve(sink));
  const sinkFaults = isSinkBad ? [sinkFault(sink)] : [];
  throw badOrder([...faultsOf(error, body), ...sinkFaults, ...(await calls.check(rest))]);
}

/** The answer to an order with which all of that is wrong. */
export function badOrder(faults: readonly CallFault[]): CallError {
  return new CallError(400, 'bad-request', 'The body is not as it should be', faults);
}

/** Says that nothing may be sent to that address. */
export function sinkFault({ url }: Pick<NonNullable<OrderBody['sink']>, 'url'>): CallFault {
  const expected = 'a URL whose host has public addresses, or addresses in webhookNetworks';
  return { pointer: '/sink/url', expected, found: JSON.stringify(url.slice(0, 80)) };
}

/** The properties of a body that have nothing wrong with their form. */
function soundPart(body: unknown, issues: readonly z.core.$ZodIssue[]): Partial<OrderBody> {
  if (typeof body !== 'object' || body === null) return {};
  const bad = new Set(issues.flatMap((issue) => (issue.code === 'unrecognized_keys' ? issue.keys : issue.path[0])));
  const rest = Object.entries(body).filter(([name]) => !bad.has(name));
  return partSchema.safeParse(Object.fromEntries(rest)).data ?? {};
}
