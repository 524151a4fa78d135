import { once } from 'node:events';
import { createServer } from 'node:net';
import type { Problem } from '../config/errors.js';
import { errorCode } from '../config/files.js';
import type { Reading } from '../config/load.js';
import type { Verdict } from './verdict.js';

const PORTS = ['httpPort', 'webPort', 'publicHttpPort', 'sipPort', 'sipTlsPort'] as const;

/** Whether the address is one of this host. */
export async function checkAddress({ settings: { ipAddress }, sourceOf }: Reading): Promise<Partial<Verdict>> {
  if ((await failureAt(ipAddress, 0)) !== 'EADDRNOTAVAIL') return {};
  const source = sourceOf(['ipAddress'], ipAddress);
  return { problems: [{ key: 'ipAddress', source, expected: 'an address of this host', found: ipAddress }] };
}

/** Whether the ports are free: a port that is taken may be that of the container that runs already. */
export async function checkPorts({ settings, sourceOf }: Reading): Promise<Partial<Verdict>> {
  const problems: Problem[] = [];
  const warnings: Problem[] = [];
  for (const key of PORTS) {
    const port = settings[key];
    const failure = port === 0 ? undefined : await failureAt(settings.ipAddress, port);
    const problem = { key, source: sourceOf([key], port), found: String(port) };
    if (failure === 'EADDRINUSE') warnings.push({ ...problem, expected: 'a free port, or a container that runs' });
    if (failure === 'EACCES') problems.push({ ...problem, expected: 'a port that this user may open' });
  }
  return { problems, warnings };
}

/** The system's code for why a TCP port cannot be opened. */
async function failureAt(host: string, port: number): Promise<string | undefined> {
  const server = createServer();
  try {
    server.listen({ host, port, exclusive: true });
    await once(server, 'listening');
    return undefined;
  } catch (error) {
    return errorCode(error);
  } finally {
    server.close();
  }
}
