import { toJsonSchema } from '@valibot/to-json-schema';
import { AUDIENCES } from '#lib/domain/thread/audience.ts';
import { ERRORS } from '#lib/protocol/errors.ts';
import type { Operation } from './operation.ts';
import { OPERATIONS } from './operations.ts';

type Json = { [key: string]: unknown };

/** The schema of what a caller may send. Checks that JSON Schema cannot say are left to the server's answer. */
function schemaOf(operation: Operation): { properties: Record<string, Json>; required: string[] } {
  const schema = toJsonSchema(operation.input, {
    typeMode: 'input',
    errorMode: 'ignore',
    target: 'draft-2020-12',
  }) as Json;
  return {
    properties: (schema.properties ?? {}) as Record<string, Json>,
    required: (schema.required ?? []) as string[],
  };
}

function describe(operation: Operation): Json {
  const { properties, required } = schemaOf(operation);
  const inPath = [...operation.path.matchAll(/\{(\w+)\}/g)].map((match) => match[1] ?? '');
  const others = Object.entries(properties).filter(([name]) => !inPath.includes(name));
  const parameters: Json[] = inPath.map((name) => ({ name, in: 'path', required: true, schema: { type: 'string' } }));
  const byQuery = operation.method === 'GET' || operation.method === 'DELETE';
  if (byQuery)
    parameters.push(
      ...others.map(([name, schema]) => ({ name, in: 'query', required: required.includes(name), schema })),
    );
  if (operation.command) parameters.push({ $ref: '#/components/parameters/IdempotencyKey' });
  if (operation.versioned) parameters.push({ $ref: '#/components/parameters/IfMatch' });
  const body: Json = {
    type: 'object',
    properties: Object.fromEntries(others),
    required: required.filter((name) => !inPath.includes(name)),
  };
  return {
    operationId: operation.id,
    summary: operation.summary,
    ...(operation.action === null ? {} : { description: `Needs the right \`${operation.action}\`.` }),
    parameters,
    ...(byQuery || others.length === 0 ? {} : { requestBody: { content: { 'application/json': { schema: body } } } }),
    responses: {
      [operation.status]:
        operation.status === 204
          ? { description: 'Done.' }
          : { description: 'Done.', content: { 'application/json': { schema: {} } } },
      default: { $ref: '#/components/responses/Problem' },
    },
  };
}

const RAW_IMPORT: Json = {
  operationId: 'import.stage',
  summary: 'Stage and check a ledger file; nothing is applied.',
  description: 'Needs the right `import.stage`. The file is the raw body.',
  parameters: [
    { name: 'kind', in: 'query', schema: { type: 'string', enum: ['ledger'] } },
    { name: 'asOf', in: 'query', schema: { type: 'string', format: 'date' } },
    { name: 'fileName', in: 'query', schema: { type: 'string' } },
    {
      name: 'mapping',
      in: 'query',
      description: 'JSON of a mapping, as an import’s report gives it.',
      schema: { type: 'string' },
    },
    { $ref: '#/components/parameters/IdempotencyKey' },
  ],
  requestBody: { content: { 'text/csv': {}, 'application/octet-stream': {} } },
  responses: {
    201: { description: 'Staged.', content: { 'application/json': { schema: {} } } },
    default: { $ref: '#/components/responses/Problem' },
  },
};

const RAW_ATTACHMENT: Json = {
  operationId: 'attachment.add',
  summary: 'Take in a file for a message to come, 25 MB at most; its type is found by its content.',
  parameters: [
    { name: 'id', in: 'path', required: true, schema: { type: 'string' } },
    { name: 'audience', in: 'query', schema: { type: 'string', enum: [...AUDIENCES], default: 'internal' } },
    { name: 'name', in: 'query', required: true, schema: { type: 'string' } },
    { $ref: '#/components/parameters/IdempotencyKey' },
  ],
  requestBody: { content: { 'application/octet-stream': {} } },
  responses: {
    201: { description: 'Kept as a draft.', content: { 'application/json': { schema: {} } } },
    default: { $ref: '#/components/responses/Problem' },
  },
};

const rawFile = (operationId: string, summary: string): Json => ({
  operationId,
  summary,
  parameters: [{ name: 'id', in: 'path', required: true, schema: { type: 'string' } }],
  responses: {
    200: { description: 'The bytes.', content: { '*/*': {} } },
    default: { $ref: '#/components/responses/Problem' },
  },
});

const RAW_EINVOICE: Json = {
  operationId: 'einvoice.file',
  summary: 'Take in an invoice (CII, UBL, Factur-X PDF) or a life-cycle message as it comes, 20 MB at most.',
  parameters: [
    { name: 'name', in: 'query', schema: { type: 'string' } },
    { $ref: '#/components/parameters/IdempotencyKey' },
  ],
  requestBody: { content: { 'application/xml': {}, 'application/pdf': {}, 'application/octet-stream': {} } },
  responses: {
    200: { description: 'What became of it.', content: { 'application/json': { schema: {} } } },
    default: { $ref: '#/components/responses/Problem' },
  },
};

const SESSION: Json = {
  post: {
    operationId: 'session.open',
    summary: 'Sign in with e-mail and password; the session is a cookie.',
    security: [],
    requestBody: {
      content: {
        'application/json': {
          schema: {
            type: 'object',
            properties: { email: { type: 'string' }, password: { type: 'string' } },
            required: ['email', 'password'],
          },
        },
      },
    },
    responses: { 200: { description: 'Signed in.' }, default: { $ref: '#/components/responses/Problem' } },
  },
  delete: {
    operationId: 'session.close',
    summary: 'Sign out.',
    responses: { 204: { description: 'Signed out.' }, default: { $ref: '#/components/responses/Problem' } },
  },
};

/** The OpenAPI 3.1 document, made from the schemas that the server itself validates with. */
export function openApi(version: string, sessionCookie: string): Json {
  const paths: Record<string, Json> = { '/session': SESSION };
  for (const operation of OPERATIONS) {
    const path = (paths[operation.path] ??= {});
    path[operation.method.toLowerCase()] = describe(operation);
  }
  (paths['/imports'] ??= {}).post = RAW_IMPORT;
  (paths['/disputes/{id}/attachments'] ??= {}).post = RAW_ATTACHMENT;
  (paths['/attachments/{id}'] ??= {}).get = rawFile('attachment.download', 'The file, to save.');
  paths['/attachments/{id}/preview'] = {
    get: rawFile('attachment.preview', 'The bytes of a picture, or of a PDF for a program that draws it.'),
  };
  paths['/einvoices'] = { post: RAW_EINVOICE };
  return {
    openapi: '3.1.0',
    info: {
      title: 'Encours',
      version,
      summary: 'The collaborative real-time workspace for collection teams.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: '/api/v1' }],
    security: [{ session: [] }, { token: [] }],
    paths,
    components: {
      securitySchemes: {
        session: {
          type: 'apiKey',
          in: 'cookie',
          name: sessionCookie,
        },
        token: { type: 'http', scheme: 'bearer' },
      },
      parameters: {
        IdempotencyKey: {
          name: 'Idempotency-Key',
          in: 'header',
          description: 'The same key with the same body answers the same; with another body 422.',
          schema: { type: 'string', maxLength: 128 },
        },
        IfMatch: {
          name: 'If-Match',
          in: 'header',
          description: 'The version that the change is based on, as ETag gave it; 412 with the current one.',
          schema: { type: 'string' },
        },
      },
      responses: {
        Problem: {
          description: 'Refused: a problem document (RFC 9457).',
          content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
        },
      },
      schemas: {
        Problem: {
          type: 'object',
          required: ['type', 'title', 'status', 'code'],
          properties: {
            type: { type: 'string' },
            title: { type: 'string' },
            status: { type: 'integer' },
            code: { type: 'string', enum: Object.keys(ERRORS) },
            instance: { type: 'string' },
            details: { type: 'object' },
          },
        },
      },
    },
  };
}
