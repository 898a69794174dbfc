import { failed, memberOf, ok, type ControlAnswer, type ControlRequest, type Routes } from './answers.ts';
import type { ControlApi } from './api.ts';
import { hotspotRoutes } from './hotspot-routes.ts';

/** Every resource of the control API with its methods. */
const routes: Routes = {
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
      const name = memberOf(body, 'name');
      if (name === null) return failed(400, { code: 'control.protocol', message: 'the body is no {"name": "…"}' });
      const problem = api.pin(name);
      return problem === null ? ok({ pinned: name }) : failed(404, problem);
    },
    DELETE: (api) => {
      api.pin(null);
      return ok({ pinned: null });
    },
  },
  '/tethers': { GET: (api) => ok(api.status().tethers) },
  '/budgets': {
    GET: (api) => ok(api.budgets()),
    PUT: (api, { body }) => {
      const name = memberOf(body, 'name');
      const usedBytes = countIn(body, 'usedBytes');
      if (name === null || usedBytes === null) {
        return failed(400, { code: 'control.protocol', message: 'the body is no {"name": "…", "usedBytes": …}' });
      }
      const problem = api.setBudget(name, usedBytes);
      return problem === null ? ok(api.budgets()) : failed(404, problem);
    },
    DELETE: (api, { query }) => {
      const name = query.get('name');
      if (name === null) return failed(400, { code: 'control.protocol', message: 'there is no ?name=…' });
      const problem = api.resetBudget(name);
      return problem === null ? ok(api.budgets()) : failed(404, problem);
    },
  },
  ...hotspotRoutes,
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

/** A count in a body: a whole number, exact and not negative. */
function countIn(body: string, name: string): number | null {
  try {
    const value: unknown = JSON.parse(body);
    if (typeof value !== 'object' || value === null) return null;
    const member: unknown = Object.getOwnPropertyDescriptor(value, name)?.value;
    return typeof member === 'number' && Number.isSafeInteger(member) && member >= 0 ? member : null;
  } catch {
    return null;
  }
}
