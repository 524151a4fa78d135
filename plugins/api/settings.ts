import { z } from 'zod';
import { eventTypeSchema } from './http/schemas.js';
import { isHttpUrl, isSecret, secretForm, urlForm } from './webhooks/forms.js';
import { isNetwork } from './webhooks/address-guard.js';

const network = 'a network in CIDR notation, for example 10.1.0.0/16';
const MAX_EVENTS_KEPT = 100_000;
const eventsKept = `an integer from 1 to ${MAX_EVENTS_KEPT}`;

/** The settings of the api, `plugins.api` in the configuration. */
export const settingsSchema = z.strictObject({
  /** Who learns of the events of all calls. */
  webhooks: z
    .array(
      z.strictObject({
        url: z.string(urlForm).refine(isHttpUrl, urlForm),
        secret: z.string(secretForm).refine(isSecret, secretForm),
        /** By default all. */
        types: z.array(eventTypeSchema, 'a list of types of events').optional(),
      }),
      'a list of objects with url, secret and types',
    )
    .default([]),
  /** Networks in which the `sink` of a call may lie although they are private. */
  webhookNetworks: z.array(z.string(network).refine(isNetwork, network), 'a list of networks').default([]),
  /** How many events the log keeps for readers that come back. */
  eventsKept: z.int(eventsKept).min(1, eventsKept).max(MAX_EVENTS_KEPT, eventsKept).default(10_000),
});

export type Settings = z.output<typeof settingsSchema>;
