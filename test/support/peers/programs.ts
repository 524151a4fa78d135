import { accessSync, constants, readdirSync } from 'node:fs';
import { join } from 'node:path';

/** A third-party program that tests run against, or a module of one. */
export interface PeerProgram {
  /** Name of the program, or path of the module in the folder of libraries. */
  readonly command: string;
  readonly debianPackage: string;
  /** Installing the package starts a service if systemd runs. */
  readonly isService?: boolean;
}

const programs = {
  kamailio: { command: 'kamailio', debianPackage: 'kamailio', isService: true },
  kamailioTls: { command: 'kamailio/modules/tls.so', debianPackage: 'kamailio-tls-modules' },
  baresip: { command: 'baresip', debianPackage: 'baresip-core' },
  twinkle: { command: 'twinkle-console', debianPackage: 'twinkle-console' },
  linphone: { command: 'linphonec', debianPackage: 'linphone-cli' },
  sipp: { command: 'sipp', debianPackage: 'sip-tester' },
  xmllint: { command: 'xmllint', debianPackage: 'libxml2-utils' },
  sslscan: { command: 'sslscan', debianPackage: 'sslscan' },
  dnsmasq: { command: 'dnsmasq', debianPackage: 'dnsmasq', isService: true },
  slapd: { command: 'slapd', debianPackage: 'slapd', isService: true },
  promtool: { command: 'promtool', debianPackage: 'prometheus', isService: true },
  chromium: { command: 'chromium', debianPackage: 'chromium' },
  curl: { command: 'curl', debianPackage: 'curl' },
  systemdNotify: { command: 'systemd-notify', debianPackage: 'systemd' },
  systemdAnalyze: { command: 'systemd-analyze', debianPackage: 'systemd' },
  ip: { command: 'ip', debianPackage: 'iproute2' },
  python: { command: 'python3', debianPackage: 'python3' },
} as const satisfies Record<string, PeerProgram>;

export type PeerName = keyof typeof programs;

export const peerPrograms: Readonly<Record<PeerName, PeerProgram>> = programs;

/** Path of a program, or undefined if it is not installed. Also looks in `/usr/sbin`, which is not in a user's PATH. */
export function findProgram(command: string): string | undefined {
  if (command.endsWith('.so'))
    return libraryFolders()
      .map((folder) => join(folder, command))
      .find(isReadable);
  const folders = [...(process.env['PATH'] ?? '').split(':'), '/usr/sbin', '/usr/local/sbin'];
  return folders.map((folder) => join(folder, command)).find(isExecutable);
}

function libraryFolders(): string[] {
  const folders = ['/usr/lib', '/usr/local/lib'].filter(isReadable);
  return folders.flatMap((folder) => [folder, ...readdirSync(folder).map((name) => join(folder, name))]);
}

function isExecutable(file: string): boolean {
  return mayBe(file, constants.X_OK);
}

function isReadable(file: string): boolean {
  return mayBe(file, constants.R_OK);
}

function mayBe(file: string, mode: number): boolean {
  try {
    accessSync(file, mode);
    return true;
  } catch {
    return false;
  }
}

/** @throws Error with the name of the package if the program is not installed */
export function programPath(name: PeerName): string {
  const { command, debianPackage } = peerPrograms[name];
  const path = findProgram(command);
  if (!path) throw new Error(`${command} is not installed; get it with: apt-get install ${debianPackage}`);
  return path;
}

/**
 * Call this in a `before` hook: skips the suite if a peer is not installed, and prints how to install it.
 * @throws Error when CI=true, where a skipped test would go unnoticed
 */
export function requirePeers(context: Mocha.Context, ...names: readonly PeerName[]): void {
  const missing = names.map((name) => peerPrograms[name]).filter(({ command }) => !findProgram(command));
  if (missing.length === 0) return;
  const line = howToInstall(missing);
  if (process.env['CI'] === 'true') throw new Error(line);
  process.stderr.write(`skipped: ${line}\n`);
  context.skip();
}

export function howToInstall(missing: readonly PeerProgram[]): string {
  const commands = missing.map(({ command }) => command).join(', ');
  const packages = missing.map(({ debianPackage }) => debianPackage).join(' ');
  return `not installed: ${commands}; get it with: apt-get install ${packages}`;
}
