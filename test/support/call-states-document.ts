import { CALL_STATUS, EVENT_TYPES, FACTS } from '../../plugins/callcontroller/model/call-status.js';
import { CALL_STATUSES } from '../../sdk/index.js';
import * as invite from '../../plugins/callcontroller/invite/invite-states.js';
import * as refer from '../../plugins/callcontroller/refer/refer-states.js';
import { stateTable } from './state-table.js';

/** docs/call-states.md, generated from the state tables. */
export function callStatesDocument(): string {
  return `# The states of a call

Made from the state tables in \`plugins/callcontroller\` by \`npm run docs\`; a test fails when they differ.

A cell names the next state, and the effects in the order in which they are performed. *ignored*: the event may happen, is recorded, and
changes nothing. –: the event cannot happen.

## The status of a call

The \`status\` in \`/v1\`, for calls of both kinds. Facts about a call change its status. A dot marks the final status: no later fact changes
the call. A fact without a cell changes nothing.

\`\`\`mermaid
stateDiagram-v2
  [*] --> initiating: call.created
${statusArrows().join('\n')}
\`\`\`

| fact | event | ${CALL_STATUSES.join(' | ')} |
|---|---|${CALL_STATUSES.map(() => '---|').join('')}
${FACTS.map((fact) => `| ${fact} | ${EVENT_TYPES[fact] ?? ''} | ${CALL_STATUSES.map((status) => statusCell(status, fact)).join(' | ')} |`).join('\n')}

## Refer calls

${stateTable({ states: refer.STATES, events: refer.EVENTS, table: refer.REFER_CALL })}

## Invite calls

${stateTable({ states: invite.STATES, events: invite.EVENTS, table: invite.INVITE_CALL })}
`;
}

function statusArrows(): string[] {
  return CALL_STATUSES.flatMap((status) =>
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

function statusCell(status: (typeof CALL_STATUSES)[number], fact: (typeof FACTS)[number]): string {
  const step = CALL_STATUS[status][fact];
  return step ? `${step.to}${step.isFinal ? ' •' : ''}` : '';
}
