import { PLUGIN_ERRORS } from '../../../container/plugins/errors.js';

/** docs/errors.md, the catalogue of plugin errors. */
export function errorsDocument(): string {
  const sections = Object.entries(PLUGIN_ERRORS).map(
    ([code, { meaning, remedy }]) => `### ${code}\n\n${meaning}.\n\n_Remedy:_ ${remedy}.\n`,
  );
  return [HEAD, ...sections, PHASES].join('\n');
}

const HEAD = `<!-- Made from container/plugins/errors.ts by \`npm run docs\` -->

# Errors of plugins

A plugin that fails is left out, together with those that depend on it; the others go on. If \`requiredPlugins\` names the plugin, the
start fails with its error. The log says at once which plugin failed, in which file, what was expected and what was found:

\`\`\`json
{
  "level": "error",
  "plugin": "greet",
  "code": "SIPXREST_PLUGIN_BAD_MANIFEST",
  "msg": "SIPXREST_PLUGIN_BAD_MANIFEST: plugin greet (/opt/plugins/greet/package.json): sipxrest.uriPrefix: expected a path such as /hello, found \\"hello\\""
}
\`\`\`

If the plugin's own code threw, the line has the \`stack\`. When the other plugins have started, the line \`Plugins were left out\` lists all
failures in \`plugins\`, each with \`plugin\`, \`code\`, \`file\` and \`problem\`; a terminal shows a table. \`sipxrest check-plugin DIR\` finds
the same errors of one plugin without starting a container, except those of \`start()\`.

An invalid setting of a plugin is an error of the configuration, \`SIPXREST_CONFIG_INVALID\`, and stops the start.

## Codes
`;

const PHASES = `## Phases

The container and its plugins are in one phase at a time; \`GET /diagnostics\` shows it:

- \`stopped\`: before the start and after the end. A plugin that was left out stays here.
- \`loading\`: modules are imported and classes instantiated, each plugin after those that it depends on.
- \`starting\`: \`start()\` is called in the same order. The inside listener answers 503, except for \`/healthz\` and \`/metrics\`; the
  outside listener opens when all plugins have started.
- \`ready\`: requests are served.
- \`draining\`: the container is shutting down, and \`drain()\` is called. Calls in setup may finish; new ones are refused.
- \`stopping\`: the listeners close, and \`stop()\` is called in the reverse order.

| call of the SDK                                                         | in which phases                          |
| ----------------------------------------------------------------------- | ---------------------------------------- |
| \`sdk.cache()\` and \`set()\` of a cache | from \`loading\` to \`stopping\` |
| \`sdk.sip.onInvite()\` and all other \`sdk.sip.on…()\`       | from \`loading\` to \`stopping\`             |
| \`sdk.sip.open()\`, \`sdk.sip.invite()\` and all other calls that send something | \`starting\`, \`ready\`, \`draining\`, \`stopping\`          |
| \`sdk.answerWithin()\` | \`loading\`, \`starting\` |
| \`sdk.inside()\`                                                          | \`ready\`, \`draining\`, \`stopping\`                      |
| all others                                                              | any                                      |

In short: the constructor registers routes and handlers, \`start()\` opens and sends, and a handler does what needs the container's own
address.
`;
