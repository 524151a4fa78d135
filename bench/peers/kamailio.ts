import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { programPath } from '../../test/support/peers/programs.js';
import { freePorts } from '../../test/support/ports.js';
import { Program } from '../../test/support/process.js';
import { cpuMs } from '../cpu.js';
import type { Server } from './server.js';
import { fillIn } from './template.js';

const startTimeoutMs = 10_000;
const memory = z.object({ result: z.object({ real_used: z.number() }) });

/** Starts Kamailio, whose `dlg.bridge_dlg` does the same work as a Refer call of ours. */
export async function startKamailio(phonePort: number): Promise<Server> {
  const folder = await mkdtemp(join(tmpdir(), 'kamailio-'));
  const sipPort = await freePorts();
  const httpPort = await freePorts();
  const config = join(folder, 'kamailio.cfg');
  await writeFile(config, await fillIn('kamailio.cfg', { SIP_PORT: sipPort, HTTP_PORT: httpPort }));
  const settings = { '-f': config, '-m': '256', '-M': '8', '-Y': folder, '-w': folder, '-P': join(folder, 'pid') };
  const program = await Program.start('kamailio', {
    command: programPath('kamailio'),
    args: ['-DD', '-E', ...Object.entries(settings).flat()],
    folder,
  });
  const stop = async () => {
    await program.stop();
    await rm(folder, { recursive: true, force: true });
  };
  try {
    await program.waitForLine((line) => line.includes('<script>: READY') || undefined, startTimeoutMs, 'ready line');
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    name: 'Kamailio',
    httpPort,
    placeCall: rpcRequest('dlg.bridge_dlg', [`sip:phone######@127.0.0.1:${phonePort}`, 'sip:user2@example.com']),
    cpuMs: () => cpuMs(program.pid),
    liveBytes: async () => {
      const body = rpcBody('core.shmmem', []);
      const response = await fetch(`http://127.0.0.1:${httpPort}/RPC`, { method: 'POST', body });
      return memory.parse(await response.json()).result.real_used;
    },
    stop,
  };
}

function rpcBody(method: string, params: readonly string[]): string {
  return JSON.stringify({ jsonrpc: '2.0', method, params, id: 1 });
}

function rpcRequest(method: string, params: readonly string[]): string {
  const body = rpcBody(method, params);
  return `POST /RPC HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
}
