import * as invite from '../../plugins/callcontroller/invite/invite-states.js';
import * as refer from '../../plugins/callcontroller/refer/refer-states.js';

type Cell = 'ignored' | 'impossible' | { readonly to: string; readonly effects: readonly string[] };
type Table = Readonly<Record<string, Readonly<Record<string, Cell>>>>;

/** docs/call-states.md, made from the state tables. */
export function callStatesDocument(): string {
  return `# The states of a call

Made from the state tables in \`plugins/callcontroller\` by \`npm run docs\`; a test fails when they differ.

A cell names the state that follows and the effects, in the order in which they are performed. *ignored*: may happen, is
recorded, and changes nothing. –: cannot happen.

## Refer calls

${section(refer.STATES, refer.EVENTS, refer.REFER_CALL)}

## Invite calls

${section(invite.STATES, invite.EVENTS, invite.INVITE_CALL)}
`;
}

function section(states: readonly string[], events: readonly string[], table: Table): string {
  return `\`\`\`mermaid
stateDiagram-v2
  [*] --> calling
${arrows(states, events, table).join('\n')}
  ended --> [*]
\`\`\`

| event | ${states.join(' | ')} |
|---|${states.map(() => '---|').join('')}
${events.map((event) => `| ${event} | ${states.map((state) => cellText(table[state]?.[event])).join(' | ')} |`).join('\n')}`;
}

function arrows(states: readonly string[], events: readonly string[], table: Table): string[] {
  const labels = new Map<string, string[]>();
  for (const state of states) {
    for (const event of events) {
      const cell = table[state]?.[event];
      if (typeof cell !== 'object') continue;
      const arrow = `  ${state} --> ${cell.to}`;
      labels.set(arrow, [...(labels.get(arrow) ?? []), event]);
    }
  }
  return [...labels].map(([arrow, names]) => `${arrow}: ${names.join('<br>')}`);
}

function cellText(cell: Cell = 'impossible'): string {
  if (cell === 'impossible') return '–';
  if (cell === 'ignored') return '*ignored*';
  return `**${cell.to}** ${cell.effects.join(', ')}`.trim();
}
