import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';

export interface ProgramOptions {
  readonly command: string;
  readonly args: readonly string[];
  /** The whole environment of the program; by default this process's own. */
  readonly env?: NodeJS.ProcessEnv;
  readonly folder?: string;
  /** Whether the program takes commands on standard input; by default that is `/dev/null`. */
  readonly takesCommands?: boolean;
}

interface LineWatch {
  look(line: string): void;
  end(why: Error): void;
}

const running = new Set<Program>();

// A test run that dies must not leave phones behind: each program has a process group of its own, which ends with this process.
process.once('exit', () => {
  for (const program of running) program.kill();
});

/** A child process whose output is kept as lines. */
export class Program {
  readonly name: string;
  /** Standard output and standard error so far, in order of arrival. */
  readonly lines: string[] = [];
  /** Standard error alone. */
  readonly errors: string[] = [];
  readonly pid: number;
  private readonly child: ChildProcess;
  private readonly watches = new Set<LineWatch>();
  private readonly closed: Promise<unknown>;

  private constructor(name: string, child: ChildProcess, pid: number) {
    this.name = name;
    this.child = child;
    this.pid = pid;
    this.closed = once(child, 'close');
    running.add(this);
    // A program that has ended takes no command; whoever waits for the effect gets an error.
    child.stdin?.on('error', () => undefined);
    this.read(child.stdout);
    this.read(child.stderr, this.errors);
    child.once('exit', () => running.delete(this));
    child.once('close', () => {
      for (const watch of this.watches) watch.end(new Error(`${this.report()}\n${name} ended: ${this.howItEnded}`));
    });
  }

  static async start(name: string, options: ProgramOptions): Promise<Program> {
    const child = spawn(options.command, options.args, {
      cwd: options.folder,
      env: options.env ?? process.env,
      stdio: [options.takesCommands ? 'pipe' : 'ignore', 'pipe', 'pipe'],
      detached: true,
    });
    if (child.pid === undefined) {
      const [cause]: unknown[] = await once(child, 'error');
      throw new Error(`${name} could not be started: ${String(cause)}`, { cause });
    }
    return new Program(name, child, child.pid);
  }

  get isRunning(): boolean {
    return this.child.exitCode === null && this.child.signalCode === null;
  }

  /** Exit code, or the signal that ended it. */
  get howItEnded(): string {
    return this.child.signalCode ?? `exit code ${this.child.exitCode}`;
  }

  /**
   * Result of `find` for the first line, past or future, for which `find` returns something.
   * @throws Error with all output if the program ends first, or after `timeoutMs` milliseconds
   */
  async waitForLine<T>(find: (line: string) => T | undefined, timeoutMs: number, what: string): Promise<T> {
    for (const line of this.lines) {
      const found = find(line);
      if (found !== undefined) return found;
    }
    if (!this.isRunning) throw new Error(`${this.report()}\n${this.name} ended: ${this.howItEnded}`);
    return await new Promise<T>((resolve, reject) => {
      const settle = (act: () => void) => {
        clearTimeout(timer);
        this.watches.delete(watch);
        act();
      };
      const watch: LineWatch = {
        look: (line) => {
          const found = find(line);
          if (found !== undefined) settle(() => resolve(found));
        },
        end: (why) => settle(() => reject(why)),
      };
      const timer = setTimeout(
        () => watch.end(new Error(`${this.report()}\n${this.name}: no ${what} within ${timeoutMs} ms`)),
        timeoutMs,
      );
      this.watches.add(watch);
    });
  }

  /** Writes a line on its standard input. */
  command(line: string): void {
    this.child.stdin?.write(`${line}\n`);
  }

  /**
   * Sends SIGTERM and waits for the end of the program.
   * @returns false if the program had to be killed after `graceMs` milliseconds
   */
  async stop(graceMs = 5000): Promise<boolean> {
    let inTime = true;
    if (this.isRunning) {
      const timer = setTimeout(() => {
        inTime = false;
        this.kill();
      }, graceMs);
      this.child.kill('SIGTERM');
      await this.closed;
      clearTimeout(timer);
    }
    return inTime;
  }

  /** Kills the program and its child processes. */
  kill(): void {
    try {
      process.kill(-this.pid, 'SIGKILL');
    } catch {
      // The program has ended meanwhile.
    }
  }

  /** All output, for the message of a failure. */
  report(): string {
    return [`--- ${this.name} printed:`, ...this.lines].join('\n');
  }

  private read(stream: Readable | null, alsoTo?: string[]): void {
    if (!stream) return;
    createInterface({ input: stream }).on('line', (line) => {
      this.lines.push(line);
      alsoTo?.push(line);
      for (const watch of this.watches) watch.look(line);
    });
  }
}
