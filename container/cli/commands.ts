import { type Command, command } from './command.js';
import { SERVICE_NOTES, SERVICE_OPTIONS } from './service-options.js';

const start = command({
  summary: 'run the container',
  operands: [],
  options: {
    config: { type: 'string', short: 'c', value: 'FILE', help: 'JSON, YAML or a sipxrest-config.xml' },
    drain: { type: 'boolean', help: 'at the end connected calls may go on for drainSeconds' },
    workers: { type: 'string', value: 'N', help: 'so many nodes on this machine; the configuration names their Redis' },
  },
  notes: 'Environment variables (SIPXREST_…) override the file. A line of JSON on standard output names the ports.',
  run: async (given) => (await import('./start.js')).start(given),
});

const demo = command({
  summary: 'place a call in a SIP domain of its own',
  operands: [],
  options: {
    once: { type: 'boolean', help: 'end after the call' },
    open: { type: 'boolean', help: 'open the console in the browser' },
    nodes: { type: 'string', value: 'N', help: 'show N nodes, and the call of one that dies; needs redis-server' },
  },
  run: async (given) => (await import('./demo.js')).demo(given),
});

const call = command({
  summary: 'place a call on a running container and follow it',
  operands: ['FROM', 'TO'],
  options: {
    ...SERVICE_OPTIONS,
    method: { type: 'string', value: 'METHOD', help: 'Auto (default), Refer or Invite' },
    agent: { type: 'string', value: 'USER', help: 'who places the call, by default FROM' },
    timeout: { type: 'string', value: 'SECONDS', help: 'how long FROM may ring' },
  },
  notes: `${SERVICE_NOTES}

Exit code: 0 the two are connected, or their telephones have the call; 1 the call failed or could not be placed; 2 wrong usage.`,
  run: async (given, from = '', to = '') => (await import('./call.js')).call(from, to, given),
});

const calls = command({
  summary: 'list the calls of a running container, or watch them',
  operands: [],
  options: {
    ...SERVICE_OPTIONS,
    state: { type: 'string', value: 'STATE', help: 'live, ended or all (default); with --watch live' },
    limit: { type: 'string', value: 'N', help: 'most calls that are listed, 1 to 500; 50 by default' },
    watch: { type: 'boolean', help: 'tell what happens from now on, until Ctrl-C' },
  },
  notes: SERVICE_NOTES,
  run: async (given) => (await import('./calls.js')).calls(given),
});

const hangup = command({
  summary: 'hang up a call of a running container',
  operands: ['ID'],
  options: SERVICE_OPTIONS,
  notes: `${SERVICE_NOTES}

Exit code: 0 the call is over, 1 there is no such call or the telephones have it, 2 wrong usage.`,
  run: async (given, id = '') => (await import('./hangup.js')).hangUp(id, given),
});

const checkPlugin = command({
  summary: 'tell whether a plugin can be loaded, without listening',
  operands: ['DIR'],
  options: {
    config: { type: 'string', short: 'c', value: 'FILE', help: 'a configuration with the settings of the plugin' },
  },
  notes: 'Exit code: 0 it can be loaded, 1 not, and one line says why, 2 wrong usage.',
  run: async (given, folder = '') => (await import('./check-plugin.js')).checkPlugin(given, [folder]),
});

const checkConfig = command({
  summary: 'tell all that is wrong with a configuration, without starting',
  operands: [],
  options: {
    config: { type: 'string', short: 'c', value: 'FILE', help: 'JSON, YAML or a sipxrest-config.xml' },
  },
  notes: `Reads FILE and SIPXREST_… variables as start does, with the users, certificates and plugins, and asks the proxy and the
LDAP server whether they are there. A proxy that does not answer, or a port that is taken, is a warning.

Exit code: 0 a container would start, 1 not, and each fault has a line, 2 wrong usage.`,
  run: async (given) => (await import('./check-config.js')).checkConfig(given),
});

const newPlugin = command({
  summary: 'make a plugin, with a test, in a new folder',
  operands: ['NAME'],
  options: {
    javascript: { type: 'boolean', help: 'in plain JavaScript, without a compiler' },
  },
  notes: `NAME is the name of the package, with or without a scope: greet, @acme/greet. Without the scope it is also the name of the folder
and the path of the plugin's routes: small letters, digits and "-".`,
  run: async (given, name = '') => (await import('./new-plugin.js')).newPlugin(name, given),
});

const importUsers = command({
  summary: 'make a users file of what standard input has',
  operands: ['KIND'],
  options: {},
  notes:
    'KIND: subscriber, a table of Kamailio as `mysql --batch --raw` prints it, or ldif, as `ldapsearch -LLL` prints it.',
  run: async (_, kind = '') => (await import('./import-users.js')).importUsers(kind),
});

/** Each is imported only when it runs: the usage needs no SIP stack. */
export const COMMANDS: Readonly<Record<string, Command>> = {
  start,
  demo,
  call,
  calls,
  hangup,
  'check-config': checkConfig,
  'check-plugin': checkPlugin,
  'new-plugin': newPlugin,
  'import-users': importUsers,
};
