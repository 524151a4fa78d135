import { spawnSync } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Authority, createAuthority } from '../certificates.js';
import { freePorts } from '../ports.js';
import { Program } from '../process.js';
import { programPath } from './programs.js';

export interface LdapUser {
  readonly uid: string;
  readonly password: string;
  /** Parent entry below the base; `people` by default. */
  readonly unit?: 'people' | 'guests';
}

/** OpenLDAP's server: a directory of persons below a base, with a reader who may search it. Passwords need TLS. */
export interface Slapd {
  /** `ldap://127.0.0.1:port`, for StartTLS. */
  readonly url: string;
  /** `ldaps://127.0.0.1:port` */
  readonly ldapsUrl: string;
  readonly base: string;
  readonly reader: { readonly dn: string; readonly password: string };
  /** The authority that issued its certificate, a PEM file. */
  readonly caFile: string;
  /** Log of the operations since the last start, for example `conn=1000 op=1 BIND dn="uid=user1,…" method=128`. */
  operations(): string[];
  /** Stops the server, so that nobody answers on its ports. */
  halt(): Promise<void>;
  /** Starts the server again, on the same ports and with the same entries. */
  resume(): Promise<void>;
  stop(): Promise<void>;
}

const template = new URL('../../../../test/fixtures/peers/slapd.conf', import.meta.url);
const startTimeoutMs = 10_000;
const base = 'dc=example,dc=com';
const reader = { dn: `cn=reader,${base}`, password: 'of-the-reader' };

export async function startSlapd(users: readonly LdapUser[]): Promise<Slapd> {
  const folder = await mkdtemp(join(tmpdir(), 'slapd-'));
  const authority = await createAuthority();
  let program: Program | undefined;
  const halt = async () => {
    await program?.stop();
  };
  const stop = async () => {
    await halt();
    await authority.remove();
    await rm(folder, { recursive: true, force: true });
  };
  try {
    const config = await prepare(folder, authority, users);
    const port = await freePorts(2);
    const [url, ldapsUrl] = [`ldap://127.0.0.1:${port}`, `ldaps://127.0.0.1:${port + 1}`];
    const resume = async () => {
      program = await start(config, `${url} ${ldapsUrl}`);
    };
    await resume();
    const operations = () => (program?.lines ?? []).flatMap((line) => / (conn=\d+ op=.*)/.exec(line)?.[1] ?? []);
    return { url, ldapsUrl, base, reader, caFile: authority.caFile, operations, halt, resume, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Writes configuration and entries. @returns the configuration file */
async function prepare(folder: string, authority: Authority, users: readonly LdapUser[]): Promise<string> {
  const { keyFile, certFile } = await authority.issue('127.0.0.1');
  const values: Readonly<Record<string, string>> = {
    FOLDER: folder,
    CERT: certFile,
    KEY: keyFile,
    BASE: base,
    READER: reader.dn,
  };
  const config = join(folder, 'slapd.conf');
  const entries = join(folder, 'entries.ldif');
  const text = await readFile(template, 'utf8');
  await mkdir(join(folder, 'data'));
  await writeFile(
    config,
    text.replaceAll(/@([A-Z]+)@/g, (marker, name: string) => values[name] ?? marker),
  );
  await writeFile(entries, ldif(users));
  const { status, stderr, error } = spawnSync(programPath('slapd'), ['-T', 'add', '-f', config, '-l', entries], {
    encoding: 'utf8',
    timeout: startTimeoutMs,
  });
  if (status !== 0) throw new Error(`slapd could not take the entries: ${error?.message ?? stderr}`);
  return config;
}

async function start(config: string, urls: string): Promise<Program> {
  // -d: stay in the foreground; 256: log operations.
  const args = ['-f', config, '-h', urls, '-d', '256'];
  const program = await Program.start('slapd', { command: programPath('slapd'), args });
  try {
    await program.waitForLine((line) => line.includes('slapd starting') || undefined, startTimeoutMs, 'ready line');
    return program;
  } catch (error) {
    await program.stop();
    throw error;
  }
}

function ldif(users: readonly LdapUser[]): string {
  const units = ['people', 'guests'].map((ou) => entry(`ou=${ou},${base}`, ['objectClass: organizationalUnit']));
  const persons = users.map(({ uid, password, unit = 'people' }) =>
    entry(`uid=${uid},ou=${unit},${base}`, [
      'objectClass: person',
      'objectClass: uidObject',
      `cn: ${uid}`,
      `sn: ${uid}`,
      `userPassword: ${password}`,
    ]),
  );
  return [
    entry(base, ['objectClass: dcObject', 'objectClass: organization', 'o: Example']),
    entry(reader.dn, ['objectClass: person', 'sn: reader', `userPassword: ${reader.password}`]),
    ...units,
    ...persons,
  ].join('\n');
}

function entry(dn: string, lines: readonly string[]): string {
  return [`dn: ${dn}`, ...lines, ''].join('\n');
}
