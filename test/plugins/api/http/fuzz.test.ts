import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import formats from 'ajv-formats';
import { expect } from 'chai';
import { openApiDocument } from '../../../../plugins/api/openapi/document.js';
import { randomFrom } from '../../../support/random.js';
import { ApiHost } from '../client.js';

const REQUESTS = 500;
const SEED = 20_260_131;

interface Schema {
  readonly type?: string;
  readonly enum?: readonly unknown[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly $ref?: string;
}

interface Parameter {
  readonly name: string;
  readonly in: 'path' | 'query' | 'header';
  readonly schema: Schema;
}

interface Operation {
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: { readonly content: { readonly 'application/json': { readonly schema: Schema } } };
  readonly responses: Readonly<Record<string, { readonly content?: Readonly<Record<string, { schema: Schema }>> }>>;
}

interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, Schema>> };
}

interface FuzzedRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: Record<string, string>;
  readonly body: string | undefined;
}

const document = openApiDocument('1.0.0') as unknown as Document;
const operations = Object.entries(document.paths)
  .filter(([path]) => path !== '/v1/events')
  .flatMap(([path, methods]) => Object.entries(methods).map(([method, operation]) => ({ path, method, operation })));

/** Values that are right at some place, and wrong at most. */
const TEXTS = [
  'user1',
  'user2',
  'busy',
  '+1 (555) 12-34',
  'a@b.example',
  '5551',
  '2026-01-31T12:00:00Z',
  'live',
  'k=v',
];
const BROKEN = ['', '\r\nVia: x', '\0', '%00', 'ü'.repeat(400), '<script>', '{', "' OR 1=1", '../../x', '\ud800', '𝟙'];
const OTHERS: readonly unknown[] = [
  null,
  true,
  -1,
  0,
  1,
  3_601,
  1e308,
  1.5,
  [],
  [1],
  {},
  { a: { b: [] } },
  { __proto__: 'x', constructor: 1 },
];

class Fuzzer {
  /** Calls that there are. */
  readonly ids = ['01a22658-7edc-7525-a6ba-7f04c3f081f7', 'nope', '..%2f..', '%00'];

  constructor(private readonly random: () => number) {}

  request(): FuzzedRequest {
    const { path, method, operation } = this.#one(operations);
    const parameters = operation.parameters ?? [];
    const query = new URLSearchParams();
    const headers: Record<string, string> = {};
    for (const { name, in: place, schema } of parameters) {
      if (place === 'path' || this.#chance(0.6)) continue;
      const value = this.#text(schema);
      if (place === 'query') query.append(name === 'tags' ? 'tag.a' : name, value);
      else
        headers[name] =
          name === 'Prefer' ? `wait=${this.#one(['0', '1', 'x', '-1'])}` : value.replaceAll(/[^ -~]/g, '');
    }
    const schema = operation.requestBody?.content['application/json'].schema;
    if (schema) headers['content-type'] = this.#chance(0.05) ? 'text/plain' : 'application/json';
    const target = path.replace('{id}', this.#chance(0.5) ? (this.ids.at(-1) ?? '') : this.#one(this.ids));
    return {
      method: method.toUpperCase(),
      path: query.size === 0 ? target : `${target}?${query.toString()}`,
      headers,
      body: schema && (this.#chance(0.05) ? this.#one(BROKEN) : JSON.stringify(this.#value(schema))),
    };
  }

  #value(schema: Schema): unknown {
    const { $ref, type, properties, required = [], ...rest } = schema;
    if ($ref !== undefined) return this.#value(document.components.schemas[$ref.split('/').at(-1) ?? ''] ?? {});
    if (this.#chance(0.06)) return this.#one([...OTHERS, ...BROKEN]);
    if (rest.enum) return this.#one(rest.enum);
    if (properties) return this.#object(properties, required);
    if (type === 'object') return { [this.#one(['X-A', 'a', 'Via', 'b c'])]: this.#one(TEXTS) };
    if (type === 'integer') return this.#one([0, 1, 5, 60, 3_600]);
    return type === 'boolean' ? this.#chance(0.5) : this.#one(TEXTS);
  }

  #object(properties: Readonly<Record<string, Schema>>, required: readonly string[]): unknown {
    const names = Object.keys(properties).filter((name) =>
      required.includes(name) ? !this.#chance(0.04) : this.#chance(0.2),
    );
    const entries = names.map((name): [string, unknown] => [name, this.#value(properties[name] ?? {})]);
    return Object.fromEntries(this.#chance(0.05) ? [...entries, ['unknown', 1]] : entries);
  }

  #text(schema: Schema): string {
    return this.#chance(0.2) ? this.#one(BROKEN) : String(this.#value(schema));
  }

  #one<T>(list: readonly T[]): T {
    return list[Math.floor(this.random() * list.length)] as T;
  }

  #chance(share: number): boolean {
    return this.random() < share;
  }
}

/** What is wrong with an answer by the description. */
class Judge {
  readonly #ajv = new Ajv2020({ strict: false, allErrors: true });
  readonly #validators = new Map<string, ValidateFunction>();

  constructor() {
    formats.default(this.#ajv);
    this.#ajv.addSchema(document, 'document');
  }

  faultsOf({ method, path }: FuzzedRequest, status: number, type: string, body: string): string[] {
    const operation = operations.find((each) => each.method.toUpperCase() === method && fits(each.path, path));
    const documented = operation?.operation.responses[status];
    if (!documented) return [`${status} is not documented`];
    const content = documented.content ?? {};
    const [mediaType = ''] = type.split(';');
    const schema = content[mediaType]?.schema;
    if (!schema) return Object.keys(content).length === 0 && body === '' ? [] : [`${mediaType} is not documented`];
    const validate = this.#validatorOf(schema.$ref ?? '');
    return validate(JSON.parse(body))
      ? []
      : (validate.errors ?? []).map((error) => `${error.instancePath} ${error.message}`);
  }

  #validatorOf(reference: string): ValidateFunction {
    const known = this.#validators.get(reference) ?? this.#ajv.compile({ $ref: `document${reference}` });
    this.#validators.set(reference, known);
    return known;
  }
}

function fits(template: string, path: string): boolean {
  const [plain = ''] = path.split('?');
  return new RegExp(`^${template.replace('{id}', '[^/]+')}$`).test(plain);
}

describe('/v1, asked with 500 requests that its description makes, good ones and broken ones', function () {
  this.timeout(120_000);
  let api: ApiHost;

  before(async () => {
    api = await ApiHost.start();
  });

  after(async () => {
    await api.host.stop();
  });

  it('never fails, and answers as documented', async () => {
    const fuzzer = new Fuzzer(randomFrom(SEED));
    const judge = new Judge();
    const statuses = new Map<number, number>();
    for (let count = 0; count < REQUESTS; count++) {
      const request = fuzzer.request();
      const { method, path, headers, body } = request;
      const response = await fetch(api.host.url + path, { method, headers, ...(body !== undefined && { body }) });
      const text = await response.text();
      const what = `${method} ${path} ${JSON.stringify(headers)} ${body}: ${response.status} ${text}`;
      const faults = judge.faultsOf(request, response.status, response.headers.get('content-type') ?? '', text);
      expect(faults, what).to.deep.equal([]);
      expect(response.status, what).not.to.equal(500);
      statuses.set(response.status, (statuses.get(response.status) ?? 0) + 1);
      if (response.status === 201) fuzzer.ids.push((JSON.parse(text) as { id: string }).id);
    }
    // Both kinds have come.
    expect([...statuses.keys()]).to.include.members([200, 201, 400, 404, 409, 415]);
  });
});
