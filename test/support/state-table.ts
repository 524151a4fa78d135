type Cell = 'ignored' | 'impossible' | { readonly to: string; readonly effects: readonly string[] };

export interface StateTable {
  /** The first state is the initial one, the last state the final one. */
  readonly states: readonly string[];
  readonly events: readonly string[];
  readonly table: Readonly<Record<string, Readonly<Record<string, Cell>>>>;
}

/** A state table as a diagram and a Markdown table. */
export function stateTable({ states, events, table }: StateTable): string {
  return `\`\`\`mermaid
stateDiagram-v2
  [*] --> ${states[0]}
${arrows({ states, events, table }).join('\n')}
  ${states.at(-1)} --> [*]
\`\`\`

| event | ${states.join(' | ')} |
|---|${states.map(() => '---|').join('')}
${events.map((event) => `| ${event} | ${states.map((state) => cellText(table[state]?.[event])).join(' | ')} |`).join('\n')}`;
}

function arrows({ states, events, table }: StateTable): string[] {
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
