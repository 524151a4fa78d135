import { CALL_STATUS, EVENT_TYPES, FACTS, STATUSES } from '../../plugins/callcontroller/model/call-status.js';
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

## The status of a call

What everybody sees: \`status\` in \`/v1\`, by what becomes known of a call of either kind. A dot ends the life of a call: no later fact changes
it. A fact that has no cell changes nothing.

\`\`\`mermaid
stateDiagram-v2
  [*] --> initiating: call.created
${statusArrows().join('\n')}
\`\`\`

| fact | event | ${STATUSES.join(' | ')} |
|---|---|${STATUSES.map(() => '---|').join('')}
${FACTS.map((fact) => `| ${fact} | ${EVENT_TYPES[fact] ?? ''} | ${STATUSES.map((status) => statusCell(status, fact)).join(' | ')} |`).join('\n')}

## Refer calls

${section(refer.STATES, refer.EVENTS, refer.REFER_CALL)}

## Invite calls

${section(invite.STATES, invite.EVENTS, invite.INVITE_CALL)}
`;
}

function statusArrows(): string[] {
  return STATUSES.flatMap((status) =>
    FACTS.flatMap((fact) => {
      const step = CALL_STATUS[status][fact];
      if (!step) return [];
      return [
        ...(step.to === status ? [] : [`  ${status} --> ${step.to}: ${fact}`]),
        ...(step.to === status && step.isFinal ? [`  ${status} --> [*]: ${fact}`] : []),
      ];
    }),
  );
}

function statusCell(status: (typeof STATUSES)[number], fact: (typeof FACTS)[number]): string {
  const step = CALL_STATUS[status][fact];
  return step ? `${step.to}${step.isFinal ? ' •' : ''}` : '';
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
