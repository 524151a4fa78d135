import { z } from 'zod';

/** What the commands read of a call; see `CallInfo`. */
export const callSchema = z.object({
  id: z.string(),
  status: z.enum(['initiating', 'callingCaller', 'callingCallee', 'connected', 'disconnected', 'failed', 'handedOver']),
  isFinal: z.boolean(),
  method: z.string(),
  caller: z.string(),
  callee: z.string(),
  isHeld: z.boolean().optional(),
  createdAt: z.iso.datetime(),
  reason: z
    .object({ code: z.string(), by: z.string(), sip: z.number().optional(), text: z.string().optional() })
    .optional(),
});
export type Call = z.output<typeof callSchema>;

export const callPageSchema = z.object({ items: z.array(callSchema), next: z.string().optional() });

/** What the commands read of an event; see `CallEvent`. */
export const eventSchema = z.object({
  type: z.string(),
  timestamp: z.iso.datetime(),
  data: z.object({ call: callSchema }),
});
export type CallEvent = z.output<typeof eventSchema>;
