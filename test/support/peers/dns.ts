import { Resolver } from 'node:dns/promises';
import { freePorts } from '../ports.js';
import { Program } from '../process.js';
import { programPath } from './programs.js';

/** The records of the zone `example.com`; all other questions are refused. Times to live are in seconds. */
export interface Zone {
  readonly addresses?: readonly { readonly name: string; readonly address: string; readonly ttl?: number }[];
  /** Without a target: the target "." of RFC 2782, no such service. */
  readonly services?: readonly {
    readonly name: string;
    readonly target?: string;
    readonly port?: number;
    readonly priority?: number;
    readonly weight?: number;
  }[];
  readonly pointers?: readonly {
    readonly name: string;
    readonly order: number;
    readonly preference: number;
    readonly flags?: string;
    readonly service: string;
    readonly regexp?: string;
    readonly replacement: string;
  }[];
}

/** dnsmasq as the DNS server of `example.com`. */
export interface DnsServer {
  /** `127.0.0.1:port` */
  readonly address: string;
  /** The questions so far, such as `SRV _sip._udp.example.com`, oldest first. */
  questions(): Promise<string[]>;
  stop(): Promise<void>;
}

const startTimeoutMs = 10_000;
let markers = 0;

export async function startDnsServer(zone: Zone): Promise<DnsServer> {
  const port = await freePorts();
  const program = await Program.start('dnsmasq', {
    command: programPath('dnsmasq'),
    args: [
      '--conf-file=/dev/null',
      '--no-daemon',
      '--no-resolv',
      '--no-hosts',
      '--log-queries',
      '--log-facility=-',
      '--listen-address=127.0.0.1',
      '--bind-interfaces',
      `--port=${port}`,
      '--local=/example.com/',
      ...recordsOf(zone),
    ],
  });
  const resolver = new Resolver({ timeout: 2_000, tries: 2 });
  resolver.setServers([`127.0.0.1:${port}`]);

  /** Asks a question of its own: once that is in the log, all earlier output has been read. */
  async function settle(): Promise<string> {
    const marker = `marker-${++markers}.example.com`;
    await resolver.resolve4(marker).catch(() => []);
    return await program.waitForLine((line) => (line.includes(marker) ? marker : undefined), startTimeoutMs, marker);
  }

  try {
    await program.waitForLine((line) => line.includes(': started') || undefined, startTimeoutMs, 'start');
    await settle();
  } catch (error) {
    await program.stop();
    throw error;
  }
  return {
    address: `127.0.0.1:${port}`,
    questions: async () => {
      await settle();
      return program.lines.flatMap((line) => {
        const [, type, name = ''] = / query\[(\w+)\] (\S+) from /.exec(line) ?? [];
        return type && !name.startsWith('marker-') ? [`${type} ${name}`] : [];
      });
    },
    stop: async () => {
      await program.stop();
    },
  };
}

function recordsOf({ addresses = [], services = [], pointers = [] }: Zone): string[] {
  return [
    ...addresses.map(({ name, address, ttl = 60 }) => `--host-record=${name},${address},${ttl}`),
    ...services.map(({ name, target, port = 5060, priority = 0, weight = 0 }) =>
      target === undefined ? `--srv-host=${name}` : `--srv-host=${name},${target},${port},${priority},${weight}`,
    ),
    ...pointers.map(({ name, order, preference, flags = 's', service, regexp = '', replacement }) =>
      ['--naptr-record=' + name, order, preference, flags, service, regexp, replacement].join(','),
    ),
  ];
}
