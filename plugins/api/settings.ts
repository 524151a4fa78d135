import { z } from 'zod';
import { eventTypeSchema } from './http/schemas.js';
import { isHttpUrl, isSecret, secretForm, urlForm } from './webhooks/forms.js';
import { isNetwork } from './webhooks/address-guard.js';

const network = 'a network in CIDR notation, for example 10.1.0.0/16';

/** The settings of the api, `plugins.api` in the configuration. */
export const settingsSchema = z.strictObject({
  /** Who is told of the events of all calls. */
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
});

export type Settings = z.output<typeof settingsSchema>;
