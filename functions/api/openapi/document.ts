import * as z from 'zod/mini';
import { problem } from '../../../shared/contracts/problem.ts';
import { HTTP_STATUS, type HttpErrorCode } from '../../../shared/errors/codes.ts';
import type { RouteDescription, Schema } from '../../http/route.ts';

type Json = Record<string, unknown>;

/** What any route may answer, whatever it does. */
const ALWAYS: readonly HttpErrorCode[] = ['VALIDATION_FAILED', 'INTERNAL', 'PLATFORM_UNAVAILABLE'];
const WITH_TOKEN: readonly HttpErrorCode[] = ['UNAUTHENTICATED', 'PERMISSION_DENIED'];
const WITH_BODY: readonly HttpErrorCode[] = ['PAYLOAD_TOO_LARGE', 'UNSUPPORTED_MEDIA_TYPE'];

/** The OpenAPI 3.1 document of these routes, made from the schemas that parse their requests. */
export function openApiDocument(routes: readonly RouteDescription[]): Json {
  const paths: Record<string, Json> = {};
  for (const route of routes) {
    const path = paths[route.path] ?? {};
    path[route.method.toLowerCase()] = operation(route);
    paths[route.path] = path;
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Slipway',
      version: '1',
      description: `Refusals are application/problem+json; \`code\` is one of ${Object.keys(HTTP_STATUS).join(', ')}.`,
    },
    security: [{ bearer: [] }],
    paths,
    components: {
      securitySchemes: {
        bearer: {
          type: 'http',
          scheme: 'bearer',
          description: 'An API token (slp_…) or a JWT of a configured issuer.',
        },
      },
      schemas: { Problem: jsonSchema(problem, 'output') },
    },
  };
}

function operation(route: RouteDescription): Json {
  return {
    operationId: `${route.method.toLowerCase()}${route.path.slice(3).replace(/[^A-Za-z]+(.)?/g, (_, letter) => (letter ?? '').toUpperCase())}`,
    ...(route.summary === undefined ? {} : { summary: route.summary }),
    ...(route.auth === 'public' ? { security: [] } : {}),
    parameters: [
      ...parametersIn('path', route.params),
      ...parametersIn('query', route.query),
      ...(route.method === 'POST' && route.auth !== 'public' ? [IDEMPOTENCY_KEY] : []),
    ],
    ...(route.body === undefined ? {} : { requestBody: requestBody(route) }),
    responses: { ...success(route), ...refusals(route) },
  };
}

const IDEMPOTENCY_KEY = {
  name: 'Idempotency-Key',
  in: 'header',
  required: false,
  description: 'Same key and body: same answer, for 24 hours. Another body: 422.',
  schema: { type: 'string', minLength: 1, maxLength: 255 },
};

function requestBody(route: RouteDescription): Json {
  const type = route.method === 'PATCH' ? 'application/merge-patch+json' : 'application/json';
  return { content: { [type]: { schema: jsonSchema(route.body, 'input') } } };
}

function success({ answer }: RouteDescription): Json {
  if (answer === undefined) return { 200: { description: 'Done.' } };
  const content = {
    [answer.contentType ?? 'application/json']: { schema: jsonSchema(answer.schema, 'output') },
  };
  return { [answer.status]: { description: 'Done.', ...(answer.schema === undefined ? {} : { content }) } };
}

/** One entry a status, naming the codes it may carry. */
function refusals(route: RouteDescription): Json {
  const codes = new Set([
    ...ALWAYS,
    ...(route.auth === 'public' ? [] : WITH_TOKEN),
    ...(route.body === undefined ? [] : WITH_BODY),
    ...(route.method === 'POST' && route.auth !== 'public' ? (['IDEMPOTENCY_MISMATCH'] as const) : []),
    ...(route.problems ?? []),
  ]);
  const byStatus = Map.groupBy(codes, (code) => HTTP_STATUS[code]);
  const content = { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } };
  return Object.fromEntries(
    [...byStatus].map(([status, listed]) => [status, { description: listed.join(', '), content }]),
  );
}

function parametersIn(place: 'path' | 'query', schema: Schema | undefined): Json[] {
  const { properties = {}, required = [] } = jsonSchema(schema, 'input');
  // toJSONSchema of an object schema: `properties` is an object and `required` a list of names.
  const names = required as readonly string[];
  return Object.entries(properties as Json).map(([name, definition]) => ({
    name,
    in: place,
    required: place === 'path' || names.includes(name),
    schema: definition,
  }));
}

function jsonSchema(schema: Schema | undefined, io: 'input' | 'output'): Json {
  if (schema === undefined) return {};
  // What JSON Schema cannot say (a refinement, a transformation) is left open rather than refused.
  const { $schema: _dialect, ...rest } = z.toJSONSchema(schema, { io, unrepresentable: 'any' });
  return rest;
}
