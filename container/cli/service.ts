import { describe } from '../config/describe.js';
import { reachable } from '../config/values.js';
import { loadInsideSettings } from '../config/load.js';
import { hostPort } from '../sip/message/host-port.js';
import { ApiClient } from './api-client.js';
import { UsageError } from './command.js';
import { EXAMPLE_URL, PIN_VARIABLE, type ServiceOptions } from './service-options.js';

/**
 * A client of the container that the options name.
 * @throws UsageError when they name none, or a user without a PIN
 */
export function service({ config, url, user }: ServiceOptions): ApiClient {
  const base = baseUrl(url ?? configuredUrl(config));
  if (user === undefined) return new ApiClient(base);
  const pin = process.env[PIN_VARIABLE];
  if (!pin) throw new UsageError(`--user needs the PIN in the environment variable ${PIN_VARIABLE}`);
  if (base.protocol === 'http:') throw new UsageError('--user needs an https:// URL: a PIN is not sent in clear text');
  return new ApiClient(base, { user, pin });
}

function configuredUrl(configFile: string | undefined): string {
  const { ipAddress, httpPort, insideTls } = loadInsideSettings({ configFile, env: process.env });
  if (httpPort === 0) throw new UsageError('The configuration leaves the port open (httpPort is 0): --url is needed');
  return `${insideTls ? 'https' : 'http'}://${hostPort(reachable(ipAddress), httpPort)}`;
}

function baseUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url || !/^https?:$/.test(url.protocol) || url.username !== '' || url.password !== '')
    throw new UsageError(`--url must be a URL such as ${EXAMPLE_URL}, found ${describe(text)}`);
  return new URL(`${url.pathname.replace(/\/*$/, '')}/`, url.origin);
}
