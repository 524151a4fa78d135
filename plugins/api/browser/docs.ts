/*
 * The page at `/v1/docs`: every operation of the description, with its parameters, its body and its answers, and a form to try it. It
 * shows whatever `/v1/openapi.json` says.
 */

interface Parameter {
  readonly name: string;
  readonly in: 'path' | 'query' | 'header';
  readonly description?: string;
  readonly required?: boolean;
}

interface Content {
  readonly schema: Schema;
  readonly example?: unknown;
}

interface Operation {
  readonly operationId: string;
  readonly summary: string;
  readonly description?: string;
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: { readonly content: Readonly<Record<string, Content>> };
  readonly responses: Readonly<Record<string, { readonly description: string }>>;
}

interface Schema {
  readonly $ref?: string;
  readonly type?: string;
  readonly description?: string;
  readonly enum?: readonly string[];
  readonly required?: readonly string[];
  readonly properties?: Readonly<Record<string, Schema>>;
}

interface Description {
  readonly servers: readonly [{ readonly url: string }];
  readonly info: { readonly title: string; readonly version: string; readonly description: string };
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, Schema>> };
}

/** An element with attributes and children; strings become text, never markup. */
function element(name: string, attributes: Readonly<Record<string, string>>, ...children: readonly (Node | string)[]) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...children);
  return made;
}

function operationView(method: string, path: string, operation: Operation, description: Description): HTMLElement {
  const { summary, parameters = [], requestBody, responses, operationId } = operation;
  return element(
    'details',
    { id: operationId },
    element('summary', {}, element('code', {}, method.toUpperCase()), ` ${path} `, element('span', {}, summary)),
    ...(operation.description === undefined ? [] : [element('p', {}, operation.description)]),
    form(method, path, parameters, requestBody?.content['application/json'], description),
    element('h3', {}, 'Answers'),
    element(
      'dl',
      {},
      ...Object.entries(responses).flatMap(([status, response]) => [
        element('dt', {}, status),
        element('dd', {}, response.description),
      ]),
    ),
  );
}

function form(
  method: string,
  path: string,
  parameters: readonly Parameter[],
  body: Content | undefined,
  description: Description,
): HTMLElement {
  const answer = element('pre', { tabindex: '0', role: 'status' });
  const made = element(
    'form',
    {},
    ...parameters.map((parameter) => field(parameter)),
    ...(body ? [bodyField(body), schemaView(body.schema, description)] : []),
    element('button', { type: 'submit' }, 'Try it'),
    answer,
  );
  made.addEventListener('submit', (event) => {
    event.preventDefault();
    if (event.target instanceof HTMLFormElement) void send(method, path, parameters, event.target, answer);
  });
  return made;
}

function field({ name, in: place, description = '', required }: Parameter): HTMLElement {
  return element(
    'label',
    {},
    element('code', {}, name),
    ` (${place}) ${description}`,
    element('input', { name, autocomplete: 'off', ...(required && { required: '' }) }),
  );
}

function bodyField({ example = {} }: Content): HTMLElement {
  const area = element('textarea', { name: 'body', rows: '4', spellcheck: 'false' }, JSON.stringify(example, null, 2));
  return element('label', {}, element('code', {}, 'body'), ' (JSON)', area);
}

/** The names in an object, whether they must be there, and what they mean. */
function schemaView(schema: Schema, description: Description): HTMLElement {
  const { properties = {}, required = [] } = resolved(schema, description);
  return element(
    'dl',
    {},
    ...Object.entries(properties).flatMap(([name, property]) => [
      element('dt', {}, element('code', {}, name), required.includes(name) ? ' (required)' : ''),
      element('dd', {}, [property.description, property.enum?.join(', ') ?? property.type].filter(Boolean).join('. ')),
    ]),
  );
}

function resolved(schema: Schema, { components }: Description): Schema {
  const name = schema.$ref?.split('/').at(-1);
  return name === undefined ? schema : (components.schemas[name] ?? {});
}

async function send(
  method: string,
  path: string,
  parameters: readonly Parameter[],
  filled: HTMLFormElement,
  answer: HTMLElement,
): Promise<void> {
  const fields = new FormData(filled);
  const valueOf = (name: string): string => {
    const value = fields.get(name);
    return typeof value === 'string' ? value : '';
  };
  const given = (place: Parameter['in']): [string, string][] =>
    parameters
      .filter((parameter) => parameter.in === place && valueOf(parameter.name) !== '')
      .map(({ name }) => [name, valueOf(name)]);
  const query = new URLSearchParams(given('query')).toString();
  const target = given('path').reduce(
    (made, [name, value]) => made.replace(`{${name}}`, encodeURIComponent(value)),
    path,
  );
  const hasBody = fields.has('body');
  answer.textContent = 'Waiting for the answer …';
  try {
    const response = await fetch(query === '' ? target : `${target}?${query}`, {
      method: method.toUpperCase(),
      headers: [...given('header'), ...(hasBody ? [['Content-Type', 'application/json'] as [string, string]] : [])],
      ...(hasBody && { body: valueOf('body') }),
    });
    await show(response, answer);
  } catch (error) {
    answer.textContent = `The service cannot be reached: ${String(error)}`;
  }
}

/** A stream never ends, so only its first events are shown. */
const STREAM_SHOWN_MS = 15_000;

async function show(response: Response, answer: HTMLElement): Promise<void> {
  answer.textContent = `${response.status} ${response.statusText}\n`;
  if (!response.headers.get('content-type')?.startsWith('text/event-stream')) {
    const text = await response.text();
    answer.append(indented(text));
    return;
  }
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  setTimeout(() => void reader?.cancel(), STREAM_SHOWN_MS);
  for (let part = await reader?.read(); part?.value !== undefined; part = await reader?.read())
    answer.append(part.value);
}

function indented(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}

/** Beside the page: the redirect, too, serves both. */
const DESCRIPTION = 'openapi.json';

async function main(): Promise<void> {
  const response = await fetch(DESCRIPTION);
  const description = (await response.json()) as Description;
  const { info, paths, servers } = description;
  const prefix = servers[0].url.replace(/\/$/, '');
  document
    .querySelector('main')
    ?.replaceChildren(
      element('h1', {}, `${info.title} ${info.version}`),
      element('p', {}, info.description, ' ', element('a', { href: DESCRIPTION }, 'The description as JSON')),
      ...Object.entries(paths).flatMap(([path, operations]) =>
        Object.entries(operations).map(([method, operation]) =>
          operationView(method, `${prefix}${path}`, operation, description),
        ),
      ),
    );
}

void main();
