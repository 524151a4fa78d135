import { readFileSync } from 'node:fs';

const fixtures = new URL('../../../../test/fixtures/sipp/', import.meta.url);

/** Values for the `{{name}}` places of a scenario. */
export type ScenarioValues = Readonly<Record<string, string>>;

/**
 * Reads the scenario `test/fixtures/sipp/<name>.xml` and expands its parts. SIPp has no includes, and a phone's messages are the same in
 * most outcomes, so `<use part="notify" cseq="1"/>` stands for `parts/notify.xml` with `{{cseq}}` filled in; `{{key|default}}` may be left out.
 *
 * @param scenario the name, or a list of parts, each as `notify cseq="1"`
 */
export function readScenario(scenario: string | readonly string[], values: ScenarioValues = {}): string {
  const text = typeof scenario === 'string' ? readFixture(`${scenario}.xml`) : scenarioOf(scenario);
  const body = fillIn(text, values).replace('</scenario>', '');
  // SIPp refuses variables that are assigned but never used, such as the results of checks.
  const assigned = new Set([...body.matchAll(/assign_to="(\w+)"/g)].map(([, variable]) => variable));
  return `<?xml version="1.0" encoding="UTF-8"?>\n${body}  <Reference variables="${[...assigned].join(',')}"/>\n</scenario>\n`;
}

function scenarioOf(parts: readonly string[]): string {
  const uses = parts.map((part) => part.replace(/^([\w-]+)(.*)$/s, '  <use part="$1"$2/>\n'));
  return `<scenario name="phone">\n${uses.join('')}</scenario>\n`;
}

function fillIn(text: string, values: ScenarioValues): string {
  const own = text.replaceAll(/\{\{(\w+)(?:\|([^}]*))?\}\}/g, (place, key: string, fallback: string | undefined) => {
    const value = values[key] ?? fallback;
    if (value === undefined) throw new Error(`The SIPp scenario has no value for ${place}`);
    return value;
  });
  return own.replaceAll(/[ \t]*<use part="([\w-]+)"([^>]*)\/>\n?/g, (_, part: string, attributes: string) =>
    fillIn(readFixture(`parts/${part}.xml`), readAttributes(attributes)),
  );
}

function readAttributes(text: string): ScenarioValues {
  return Object.fromEntries([...text.matchAll(/([\w-]+)="([^"]*)"/g)].map(([, key = '', value = '']) => [key, value]));
}

function readFixture(path: string): string {
  return readFileSync(new URL(path, fixtures), 'utf8');
}
