import { z } from 'zod';
import { eventQuerySchema, listSchema, orderSchema, traceSchema, transferSchema } from '../http/schemas.js';
import { callPageSchema, callSchema, eventSchema, messagesSchema, problemSchema, tracedSchema } from './schemas.js';

type Json = Readonly<Record<string, unknown>>;

const NAMED: Readonly<Record<string, z.ZodType>> = {
  Order: orderSchema,
  Transfer: transferSchema,
  Call: callSchema,
  CallPage: callPageSchema,
  Messages: messagesSchema,
  Trace: traceSchema,
  Traced: tracedSchema,
  Event: eventSchema,
  Problem: problemSchema,
};

/** What a client sends. What a request is checked for beyond a schema's means is said in its words. */
const MADE = { io: 'input', target: 'draft-2020-12', unrepresentable: 'any' } as const;

const reference = (name: string): Json => ({ $ref: `#/components/schemas/${name}` });
const json = (name: string): Json => ({ 'application/json': { schema: reference(name) } });

/** Query parameters as the schema that checks them has them. */
function queryParameters(schema: z.ZodObject, descriptions: Readonly<Record<string, string>>): Json[] {
  const { properties = {} } = jsonSchema(schema) as { properties?: Readonly<Record<string, Json>> };
  return Object.entries(properties).map(([name, property]) => ({
    name,
    in: 'query',
    description: descriptions[name] ?? name,
    schema: property,
  }));
}

/** A schema as JSON Schema, on its own. */
function jsonSchema(schema: z.ZodType): Json {
  const { $schema: _version, ...rest } = z.toJSONSchema(schema, MADE);
  return rest;
}

/** All named schemas; where one has another in it, that is a reference. */
function components(): Json {
  const registry = z.registry<{ readonly id: string }>();
  for (const [name, schema] of Object.entries(NAMED)) registry.add(schema, { id: name });
  const { schemas } = z.toJSONSchema(registry, { ...MADE, uri: (name) => `#/components/schemas/${name}` });
  return Object.fromEntries(
    Object.entries(schemas).map(([name, { $schema: _version, $id: _id, ...rest }]) => [name, rest]),
  );
}

const ERRORS: Readonly<Record<number, string>> = {
  400: 'Something in the request is not as it must be; `errors` says all that is wrong',
  401: 'No login, or a wrong one (outside)',
  403: 'The user who logged in may not do this, or the directory holds no SIP password for the agent',
  404: 'There is no such call, or it is not yours',
  409: 'The call’s state or method does not allow it; the text says which would. Or: a request with this key is under way',
  415: 'The body is no JSON',
  422: 'The key was used for another request',
  429: 'The agent places calls too fast, there were too many wrong logins (outside), or the user has too many streams',
  503:
    'The container is full (`code` `limit-reached`) or stopping (`draining`): `Retry-After` says when to try again. ' +
    'Or: the INVITE could not be sent (`not-sent`), or the call’s node does not answer',
};

/** The errors of an operation: these, those that any request may get, and the rest in one. */
function failures(...statuses: readonly number[]): Json {
  const told = [400, 401, 429, 503, ...statuses].map((status) => [status, problem(ERRORS[status] ?? '')]);
  return {
    ...Object.fromEntries(told),
    default: problem(
      'Any other refusal, for example of a body that is too long (413), or of another site’s page (403)',
    ),
  };
}

const problem = (description: string): Json => ({
  description,
  content: { 'application/problem+json': { schema: reference('Problem') } },
});

const etag: Json = { description: 'The call’s revision', schema: { type: 'string' } };
const answer = (description: string, schema = 'Call'): Json => ({
  description,
  ...(schema === 'Call' && { headers: { ETag: etag } }),
  content: json(schema),
});

const id: Json = { name: 'id', in: 'path', required: true, description: 'Id of the call', schema: { type: 'string' } };
const header = (name: string, description: string): Json => ({
  name,
  in: 'header',
  description,
  schema: { type: 'string' },
});
const PREFER = header('Prefer', '`wait=N` (RFC 7240): answer after N seconds at the latest, 60 at the most');
const KEY = header(
  'Idempotency-Key',
  '1 to 255 printable characters. The same request again within 24 hours gets the first answer, and places no second call',
);

const steering = (operationId: string, summary: string, target = false): Json => ({
  post: {
    operationId,
    tags: ['Calls'],
    summary,
    parameters: [id],
    ...(target && { requestBody: { required: true, content: json('Transfer') } }),
    responses: {
      202: answer('The call; events tell what came of it'),
      ...failures(404, 409, ...(target ? [415] : [])),
    },
  },
});

/**
 * The description of `/v1` (OpenAPI 3.1), made from the schemas that check the requests.
 * @param version of the package
 * @param server URL that the paths follow, `/` or without a slash at the end
 */
export function openApiDocument(version: string, server = '/'): Json {
  return {
    openapi: '3.1.0',
    info: {
      title: 'sipxrest',
      version,
      description: 'Calls between two telephones: placed, followed and steered by HTTP.',
      license: { name: 'MIT', identifier: 'MIT' },
    },
    servers: [{ url: server, description: 'The container that serves this description' }],
    security: [{}, { basic: [] }, { digest: [] }],
    tags: [
      { name: 'Calls', description: 'Calls as a resource' },
      { name: 'Events', description: 'What happens in calls, as it happens' },
    ],
    paths: {
      '/v1/trace': {
        put: {
          operationId: 'trace',
          tags: ['Calls'],
          summary: 'Log the SIP messages of a user or a call for a while (inside only)',
          requestBody: { required: true, content: json('Trace') },
          responses: { 200: answer('What is traced, and until when', 'Traced'), ...failures(403, 404, 415) },
        },
      },
      '/v1/calls': {
        post: {
          operationId: 'placeCall',
          tags: ['Calls'],
          summary: 'Place a call',
          parameters: [PREFER, KEY],
          requestBody: {
            required: true,
            content: {
              'application/json': {
                schema: reference('Order'),
                example: { caller: 'user1', callee: 'user2' },
              },
            },
          },
          responses: {
            201: {
              ...answer('The call'),
              headers: {
                Location: { description: 'Path of the call', schema: { type: 'string' } },
                ETag: etag,
                'Idempotent-Replayed': { description: '`true` for an answer given before', schema: { type: 'string' } },
              },
            },
            ...failures(403, 409, 415, 422),
          },
        },
        get: {
          operationId: 'listCalls',
          tags: ['Calls'],
          summary: 'List calls, newest first',
          parameters: [
            ...queryParameters(listSchema, {
              state: 'Calls that go on, or those that are over; all by default',
              user: 'Calls of this user, in any role',
              agent: 'Calls that this user placed',
              status: 'Calls with this status',
              since: 'Calls placed at that time or later',
              limit: 'Most calls of a page, 1 to 500; 50 by default',
              cursor: '`next` of the page before',
            }),
            {
              name: 'tags',
              in: 'query',
              description: 'Calls with these tags: `tag.NAME=value`',
              style: 'form',
              explode: true,
              schema: { type: 'object', additionalProperties: { type: 'string' } },
            },
          ],
          responses: {
            200: {
              ...answer('A page of calls', 'CallPage'),
              headers: { Link: { description: '`rel="next"`: the next page', schema: { type: 'string' } } },
            },
            ...failures(),
          },
        },
      },
      '/v1/calls/{id}': {
        get: {
          operationId: 'showCall',
          tags: ['Calls'],
          summary: 'Show a call',
          parameters: [id, header('If-None-Match', 'An ETag: 304 where the call is still the same'), PREFER],
          responses: {
            200: answer('The call'),
            304: { description: 'The call has not changed' },
            ...failures(404),
          },
        },
        delete: {
          operationId: 'hangUpCall',
          tags: ['Calls'],
          summary: 'Hang a call up, or cancel it while it is set up',
          parameters: [id],
          responses: {
            200: answer('The call, which was over already'),
            202: answer('The call; events tell when it is over'),
            ...failures(404, 409),
          },
        },
      },
      '/v1/calls/{id}/hold': steering('holdCall', 'Put a call on hold'),
      '/v1/calls/{id}/resume': steering('resumeCall', 'Resume a call that is on hold'),
      '/v1/calls/{id}/transfer': steering('transferCall', 'Put somebody else in the caller’s place', true),
      '/v1/calls/{id}/messages': {
        get: {
          operationId: 'listMessages',
          tags: ['Calls'],
          summary: 'Show the SIP messages of a call, at most 100',
          parameters: [id],
          responses: { 200: answer('The messages, oldest first', 'Messages'), ...failures(404) },
        },
      },
      '/v1/events': {
        get: {
          operationId: 'followEvents',
          tags: ['Events'],
          summary: 'Follow the events of calls (server-sent events)',
          description:
            'Begins with `stream.open` and its cursor. Each event has an `id`; `Last-Event-ID` resumes behind it. `stream.reset` tells that ' +
            'events were lost; `stream.closing` that the container stops.',
          parameters: [
            ...queryParameters(eventQuerySchema, {
              user: 'Calls of this user, in any role',
              call: 'Id of a call',
              type: 'Types of events, separated by commas',
              lastEventId: 'As `Last-Event-ID`, for clients that cannot set header fields',
            }),
            header('Last-Event-ID', 'Id of the last event that was seen'),
          ],
          responses: {
            200: {
              description: 'The stream; the data of each `call.` event is an Event',
              content: { 'text/event-stream': { schema: { type: 'string' } } },
            },
            ...failures(),
          },
        },
      },
    },
    webhooks: {
      event: {
        post: {
          operationId: 'takeEvent',
          tags: ['Events'],
          summary: 'An event, sent to a configured address or to the sink of a call',
          description:
            'Signed as Standard Webhooks say. An answer of 2xx takes the event, 410 ends the webhook, others are tried again.',
          parameters: [
            header('webhook-id', 'The same for each attempt'),
            header('webhook-timestamp', 'Seconds since the epoch'),
            header('webhook-signature', '`v1,` and the HMAC-SHA256 of id, timestamp and body in base64'),
          ],
          requestBody: { required: true, content: json('Event') },
          responses: {
            204: { description: 'Taken' },
            410: { description: 'Nothing more is wanted' },
          },
        },
      },
    },
    components: {
      schemas: components(),
      securitySchemes: {
        basic: { type: 'http', scheme: 'basic', description: 'User name and PIN; on the listener outside only' },
        digest: { type: 'http', scheme: 'digest', description: 'User name and PIN; on the listener outside only' },
      },
    },
  };
}
