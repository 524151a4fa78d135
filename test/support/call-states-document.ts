import * as invite from '../../plugins/callcontroller/invite/invite-states.js';
import * as refer from '../../plugins/callcontroller/refer/refer-states.js';
import { stateTable } from './state-table.js';

/** docs/call-states.md, made from the state tables. */
export function callStatesDocument(): string {
  return `# The states of a call

Made from the state tables in \`plugins/callcontroller\` by \`npm run docs\`; a test fails when they differ.

A cell names the state that follows and the effects, in the order in which they are performed. *ignored*: may happen, is
recorded, and changes nothing. –: cannot happen.

## Refer calls

${stateTable({ states: refer.STATES, events: refer.EVENTS, table: refer.REFER_CALL })}

## Invite calls

${stateTable({ states: invite.STATES, events: invite.EVENTS, table: invite.INVITE_CALL })}
`;
}
