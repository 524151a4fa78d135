import { PLUGIN_ERRORS } from '../../../container/plugins/errors.js';

/** docs/errors.md: the catalogue of what can be wrong with a plugin. */
export function errorsDocument(): string {
  const sections = Object.entries(PLUGIN_ERRORS).map(
    ([code, { meaning, remedy }]) => `### ${code}\n\n${meaning}.\n\n_What helps:_ ${remedy}.\n`,
  );
  return [HEAD, ...sections, PHASES].join('\n');
}

const HEAD = `<!-- Made from container/plugins/errors.ts by \`npm run docs\` -->

# Errors of plugins

A plugin that fails is left out, and so are those that depend on it; the others go on. Where \`requiredPlugins\` names it, the start
fails with its error. The log says at once which plugin it is, in which file, what was expected and what was found:

\`\`\`json
{
  "level": "error",
  "plugin": "greet",
  "code": "SIPXREST_PLUGIN_BAD_MANIFEST",
  "msg": "SIPXREST_PLUGIN_BAD_MANIFEST: plugin greet (/opt/plugins/greet/package.json): sipxrest.uriPrefix: expected a path such as /hello, found \\"hello\\""
}
\`\`\`

A \`stack\` is there where the plugin's own code threw. When the others have started, one more line, \`Plugins were left out\`, has a
table of all failures in \`plugins\`, with \`plugin\`, \`code\`, \`file\` and \`problem\`; a terminal shows it as a table. \`sipxrest check-plugin DIR\` says the same of one
plugin without starting a container, as far as its \`start()\`.

A setting of a plugin that is not as the plugin wants it is an error of the configuration, \`SIPXREST_CONFIG_INVALID\`, and stops the
start.

## Codes
`;

const PHASES = `## Phases

The container and its plugins are in one phase at a time; \`GET /diagnostics\` shows it:

- \`stopped\`: before the start and after the end. A plugin that was left out stays here.
- \`loading\`: modules are imported and classes are built, a plugin after those that it depends on.
- \`starting\`: \`start()\` is called in the same order. The inside listener answers 503, but for \`/healthz\` and \`/metrics\`; the
  listener outside opens when all have started.
- \`ready\`: requests are served.
- \`draining\`: the container was told to end, and \`drain()\` is called; what is being set up may finish, nothing new is taken.
- \`stopping\`: the listeners close, and \`stop()\` is called in the reverse order.

| call of the SDK                                                         | in which phases                          |
| ----------------------------------------------------------------------- | ---------------------------------------- |
| \`sdk.cache()\` and \`set()\` of a cache | from \`loading\` to \`stopping\` |
| \`sdk.sip.onInvite()\` and all other \`sdk.sip.on…()\`       | from \`loading\` to \`stopping\`             |
| \`sdk.sip.open()\`, \`sdk.sip.invite()\` and all others that send something | \`starting\`, \`ready\`, \`draining\`, \`stopping\`          |
| \`sdk.answerWithin()\` | \`loading\`, \`starting\` |
| \`sdk.inside()\`                                                          | \`ready\`, \`draining\`, \`stopping\`                      |
| all others                                                              | any                                      |

So a constructor registers routes and handlers, \`start()\` opens and sends, and what needs the container's own address is done by a
handler.
`;
