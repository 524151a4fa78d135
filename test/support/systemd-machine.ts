import { execFile, execFileSync } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { Program } from './process.js';

const project = fileURLToPath(new URL('../../../', import.meta.url));
const script = fileURLToPath(new URL('../../../test/fixtures/systemd/machine.sh', import.meta.url));
const namespaces = [
  '--fork',
  '--pid',
  '--mount',
  '--uts',
  '--ipc',
  '--net',
  '--cgroup',
  '--mount-proc',
  '--kill-child',
];
const bootMs = 60_000;
const commandMs = 60_000;
const run = promisify(execFile);

/** Result of a command that ran beside systemd. */
export interface CommandOutcome {
  readonly exitCode: number;
  readonly output: string;
}

/** A systemd that runs as on a separate host, with the units and the package installed as docs/operations.md says. */
export class SystemdMachine {
  private constructor(
    private readonly program: Program,
    private readonly pid: number,
  ) {}

  /** Why this machine cannot run a second systemd; undefined if it can. */
  static obstacle(): string | undefined {
    if (process.getuid?.() !== 0) return 'systemd needs root to be the first process of namespaces of its own';
    const mounts =
      'mount -t tmpfs tmpfs /run && mkdir /run/up /run/work && ' +
      'mount -t overlay -o lowerdir=/etc,upperdir=/run/up,workdir=/run/work overlay /etc && ' +
      'umount -l /sys/fs/cgroup && mount -t cgroup2 cgroup2 /sys/fs/cgroup && mkdir /sys/fs/cgroup/probe && rmdir /sys/fs/cgroup/probe';
    try {
      execFileSync('unshare', [...namespaces, 'sh', '-c', mounts], { stdio: 'pipe', timeout: commandMs });
      return undefined;
    } catch (error) {
      return `systemd cannot run in namespaces of its own here: ${String(error)}`;
    }
  }

  /**
   * @param configuration the folder whose files become /etc/sipxrest
   * @throws Error with the output if systemd does not start in time
   */
  static async boot(configuration: string, units: string): Promise<SystemdMachine> {
    const args = [...namespaces, 'sh', script, process.execPath, project, configuration, units];
    const program = await Program.start('systemd', { command: 'unshare', args });
    const deadlineMs = performance.now() + bootMs;
    for (;;) {
      const children = await readFile(`/proc/${program.pid}/task/${program.pid}/children`, 'utf8').catch(() => '');
      const machine = new SystemdMachine(program, Number(children));
      const { output } = await machine.run('systemctl', 'is-system-running');
      if (/^(?:running|degraded)$/m.test(output)) return machine;
      if (!program.isRunning || performance.now() > deadlineMs) {
        program.kill();
        throw new Error(`${program.report()}\nsystemd is not up: ${output}`);
      }
      await delay(100);
    }
  }

  /** Runs a command beside systemd. */
  async run(command: string, ...args: readonly string[]): Promise<CommandOutcome> {
    try {
      const inside = ['--target', String(this.pid), '--all', command, ...args];
      const { stdout, stderr } = await run('nsenter', inside, { timeout: commandMs });
      return { exitCode: 0, output: stdout + stderr };
    } catch (error) {
      const { code, stdout = '', stderr = '' } = error as { code?: number; stdout?: string; stderr?: string };
      return { exitCode: code ?? -1, output: stdout + stderr };
    }
  }

  /** Properties of a unit. */
  async show(unit: string): Promise<ReadonlyMap<string, string>> {
    const { output } = await this.run('systemctl', 'show', unit);
    const entries = output.split('\n').map((line): [string, string] => {
      const [name = '', ...value] = line.split('=');
      return [name, value.join('=')];
    });
    return new Map(entries);
  }

  /** Log of a unit. */
  async journal(unit: string): Promise<string> {
    return (await this.run('journalctl', '--unit', unit, '--output', 'cat', '--no-pager')).output;
  }

  async stop(): Promise<void> {
    this.program.kill();
    await this.program.stop();
  }
}
