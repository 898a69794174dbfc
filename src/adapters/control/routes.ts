import type { Problem } from '../../model/errors.ts';
import type { ControlApi, ControlFailure } from './api.ts';

export interface ControlRequest {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly body: string;
}

export interface ControlAnswer {
  readonly status: number;
  readonly value: unknown;
}

type Handler = (api: ControlApi, request: ControlRequest) => ControlAnswer;

const ok = (value: unknown): ControlAnswer => ({ status: 200, value });
const failed = (status: number, error: Problem): ControlAnswer => ({
  status,
  value: { error } satisfies ControlFailure,
});

/** Every resource of the control API with its methods. */
const routes: Readonly<Record<string, Readonly<Record<string, Handler>>>> = {
  '/status': { GET: (api) => ok(api.status()) },
  '/plan': { GET: (api) => ok(api.plan()) },
  '/explain': {
    GET: (api, { query }) => {
      const explanation = api.explain(query.get('interface'));
      return 'code' in explanation ? failed(404, explanation) : ok(explanation);
    },
  },
  '/pin': {
    PUT: (api, { body }) => {
      const name = nameIn(body);
      if (name === null) return failed(400, { code: 'control.protocol', message: 'the body is no {"name": "…"}' });
      const problem = api.pin(name);
      return problem === null ? ok({ pinned: name }) : failed(404, problem);
    },
    DELETE: (api) => {
      api.pin(null);
      return ok({ pinned: null });
    },
  },
};

/** Answers one request. Never throws: what is wrong with a request is said in its answer. */
export function answer(api: ControlApi, request: ControlRequest): ControlAnswer {
  const resource = routes[request.path];
  if (resource === undefined) {
    return failed(404, {
      code: 'control.protocol',
      message: `there is no ${request.path}`,
      remedy: Object.keys(routes).join(', '),
    });
  }
  const handler = resource[request.method];
  if (handler === undefined) {
    const methods = Object.keys(resource).join(', ');
    return failed(405, {
      code: 'control.protocol',
      message: `${request.path} takes ${methods}, not ${request.method}`,
    });
  }
  return handler(api, request);
}

function nameIn(body: string): string | null {
  try {
    const value: unknown = JSON.parse(body);
    return typeof value === 'object' && value !== null && 'name' in value && typeof value.name === 'string'
      ? value.name
      : null;
  } catch {
    return null;
  }
}
