import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { findProgram, howToInstall, type PeerProgram, peerPrograms } from './peers/programs.js';

/*
 * Run before the tests: installs missing SIP peers, if possible. Without them `npm test` still
 * passes, its peer tests skipped; with CI=true a missing peer is a failure.
 */

const updateTimeoutMs = 120_000;
const installTimeoutMs = 300_000;

function missingPeers(): PeerProgram[] {
  return Object.values(peerPrograms).filter(({ command }) => !findProgram(command));
}

/** Debian starts a service when it installs one. A test run must not do that to somebody's machine. Containers have no systemd. */
function wouldStart(peer: PeerProgram): boolean {
  return peer.isService === true && existsSync('/run/systemd/system') && !existsSync('/usr/sbin/policy-rc.d');
}

function aptGet(args: readonly string[], timeoutMs: number): boolean {
  const { status, error } = spawnSync('apt-get', args, {
    stdio: ['ignore', 'ignore', 'inherit'],
    timeout: timeoutMs,
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
  });
  if (status !== 0) say(`apt-get ${args[0]} failed: ${error?.message ?? `exit code ${status}`}`);
  return status === 0;
}

function install(peers: readonly PeerProgram[]): void {
  const packages = peers.map(({ debianPackage }) => debianPackage);
  if (packages.length === 0 || process.getuid?.() !== 0 || !findProgram('apt-get')) return;
  say(`installing with apt-get: ${packages.join(' ')}`);
  if (!aptGet(['update', '-q'], updateTimeoutMs)) return;
  aptGet(['install', '-q', '-y', '--no-install-recommends', ...packages], installTimeoutMs);
}

function say(line: string): void {
  process.stderr.write(`${line}\n`);
}

install(missingPeers().filter((peer) => !wouldStart(peer)));
const stillMissing = missingPeers();
if (stillMissing.length > 0) {
  say(howToInstall(stillMissing));
  if (process.env['CI'] === 'true') process.exitCode = 1;
}
