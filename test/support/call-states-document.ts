import { EVENTS, REFER_CALL, STATES } from '../../plugins/callcontroller/refer/refer-states.js';

/** docs/call-states.md, made from the state table. */
export function callStatesDocument(): string {
  return `# The states of a Refer call

Made from the state table in \`plugins/callcontroller/refer/refer-states.ts\` by \`npm run docs\`; a test fails when the two differ.

\`\`\`mermaid
stateDiagram-v2
  [*] --> calling
${arrows().join('\n')}
  ended --> [*]
\`\`\`

| event | ${STATES.join(' | ')} |
|---|${STATES.map(() => '---|').join('')}
${EVENTS.map((event) => `| ${event} | ${STATES.map((state) => cellText(state, event)).join(' | ')} |`).join('\n')}

A cell names the state that follows and the effects, in the order in which they are performed. *ignored*: may happen, is
recorded, and changes nothing. –: cannot happen.
`;
}

function arrows(): string[] {
  const labels = new Map<string, string[]>();
  for (const state of STATES) {
    for (const event of EVENTS) {
      const cell = REFER_CALL[state][event];
      if (typeof cell === 'string') continue;
      const arrow = `  ${state} --> ${cell.to}`;
      labels.set(arrow, [...(labels.get(arrow) ?? []), event]);
    }
  }
  return [...labels].map(([arrow, events]) => `${arrow}: ${events.join('<br>')}`);
}

function cellText(state: (typeof STATES)[number], event: (typeof EVENTS)[number]): string {
  const cell = REFER_CALL[state][event];
  if (cell === 'impossible') return '–';
  if (cell === 'ignored') return '*ignored*';
  return `**${cell.to}** ${cell.effects.join(', ')}`.trim();
}
