import type { KernelOperation } from '../../../effects/ports.ts';
import type { OperationResult } from '../../../model/network.ts';
import { errnos } from '../../libc/libc.ts';
import { encodeAddressAdd, encodeAddressDelete } from '../codec/address.codec.ts';
import { encodeLinkChange } from '../codec/link.codec.ts';
import { messageFlags } from '../codec/message.codec.ts';
import { encodeNeighbourResolve } from '../codec/neighbour.codec.ts';
import { encodeRouteDelete, encodeRouteReplace } from '../codec/route.codec.ts';
import { routeTypes } from '../codec/route-netlink.codec.ts';
import { encodeRuleAdd, encodeRuleDelete } from '../codec/rule.codec.ts';
import { routeDeletion, routePlacement, ruleDeletion, stands } from '../guards.ts';
import type { KernelMirror } from '../mirror.ts';
import { resultOf } from '../results.ts';
import type { Requests } from './requests.ts';

type RouteReplace = Extract<KernelOperation, { type: 'route.replace' }>;

/** Carries out one operation. `mirror` must hold what the kernel did up to now; `refresh` brings it there again. */
export function carryOut(
  operation: KernelOperation,
  requests: Requests,
  mirror: KernelMirror,
  refresh: () => void,
): OperationResult {
  const { type } = operation;
  if (type === 'route.replace') return replaceRoute(operation, requests, mirror, refresh);
  if (type === 'route.delete') {
    const { route } = operation;
    const answer = routeDeletion(mirror.routesInPlaceOf(route), route);
    return answer ?? send(type, requests, routeTypes.deleteRoute, 0, encodeRouteDelete(route));
  }
  if (type === 'rule.add') {
    const flags = messageFlags.create | messageFlags.exclusive;
    return send(type, requests, routeTypes.newRule, flags, encodeRuleAdd(operation.rule));
  }
  if (type === 'rule.delete') {
    const answer = ruleDeletion(mirror.state.rules.values(), operation.rule);
    return answer ?? send(type, requests, routeTypes.deleteRule, 0, encodeRuleDelete(operation.rule));
  }
  if (type === 'address.add') {
    const flags = messageFlags.create | messageFlags.exclusive;
    return send(type, requests, routeTypes.newAddress, flags, encodeAddressAdd(operation.address));
  }
  if (type === 'address.delete') {
    return send(type, requests, routeTypes.deleteAddress, 0, encodeAddressDelete(operation.address));
  }
  if (type === 'link.set') return send(type, requests, routeTypes.newLink, 0, encodeLinkChange(operation.change));
  const payload = encodeNeighbourResolve(operation.neighbour);
  return send(type, requests, routeTypes.newNeighbour, messageFlags.create, payload);
}

function replaceRoute(
  operation: RouteReplace,
  requests: Requests,
  mirror: KernelMirror,
  refresh: () => void,
): OperationResult {
  if (!mirror.state.links.has(operation.route.linkIndex)) {
    // IPv4 would speak of an invalid gateway.
    return resultOf(operation.type, errnos.ENODEV, 'there is no such link');
  }
  const payload = encodeRouteReplace(operation.route);
  let result = attempt();
  if (!result.ok && result.code === 'kernel.refused' && result.retry === 'retryable') {
    // Someone was faster, or the same route stands behind another of ours: look again, once.
    refresh();
    if (stands(mirror.routesInPlaceOf(operation.route), operation.route)) return { ...result, retry: 'satisfied' };
    result = attempt();
  }
  return result;

  function attempt(): OperationResult {
    const placement = routePlacement(mirror.routesInPlaceOf(operation.route), operation.route);
    if (typeof placement === 'object') return placement.answer;
    const flags = messageFlags.create | (placement === 'create' ? messageFlags.exclusive : messageFlags.replace);
    return send(operation.type, requests, routeTypes.newRoute, flags, payload);
  }
}

function send(
  operation: KernelOperation['type'],
  requests: Requests,
  type: number,
  flags: number,
  payload: Uint8Array | null,
): OperationResult {
  if (payload === null) return resultOf(operation, errnos.EINVAL, 'an address in it is none');
  const { errno, message } = requests.change(type, flags, payload);
  return resultOf(operation, errno, message);
}
