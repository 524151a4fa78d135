import type { Option } from './command.js';

export const EXAMPLE_URL = 'http://127.0.0.1:6667';
/** The PIN is not an argument, because every user of the machine sees those. */
export const PIN_VARIABLE = 'SIPXREST_PIN';

/** The container that a command talks to, and the user. */
export interface ServiceOptions {
  readonly config?: string;
  readonly url?: string;
  readonly user?: string;
}

/** The options of every command that speaks to a running container. */
export const SERVICE_OPTIONS = {
  config: { type: 'string', short: 'c', value: 'FILE', help: "the container's configuration, which has its address" },
  url: { type: 'string', value: 'URL', help: 'the container, where its configuration is not at hand' },
  user: { type: 'string', value: 'USER', help: `who logs in outside the cluster; the PIN is in ${PIN_VARIABLE}` },
} as const satisfies Readonly<Record<string, Option>>;

export const SERVICE_NOTES = `The address of the container is that of --url, else that of the configuration: FILE and SIPXREST_… variables as for start.
Without them ${EXAMPLE_URL}.`;
