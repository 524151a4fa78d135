import { z } from 'zod';
import { runKamailio } from '../../test/support/peers/kamailio-process.js';
import { freePorts } from '../../test/support/ports.js';
import { cpuMs } from '../cpu.js';
import type { Server } from './server.js';
import { fillIn } from './template.js';

const memory = z.object({ result: z.object({ real_used: z.number() }) });

/** Starts Kamailio, whose `dlg.bridge_dlg` does the same work as a Refer call of ours. */
export async function startKamailio(phonePort: number): Promise<Server> {
  const sipPort = await freePorts();
  const httpPort = await freePorts();
  const configuration = await fillIn('kamailio.cfg', { SIP_PORT: sipPort, HTTP_PORT: httpPort });
  const { program, stop } = await runKamailio(configuration, { shared: 256, perProcess: 8 });
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
