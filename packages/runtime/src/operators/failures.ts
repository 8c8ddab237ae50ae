import { DataError, ModelError, ShapeError, UnsupportedError } from '@espalier/core';
import type { NamedCall } from './operator.js';

/** An error about shapes, naming the operator and the node. */
export function shapeError(call: NamedCall, what: string, fix?: string): ShapeError {
  return new ShapeError(report(call, what, fix));
}

/** An error about something the operator can't do, naming the operator and the node. */
export function unsupported(call: NamedCall, what: string, fix?: string): UnsupportedError {
  return new UnsupportedError(report(call, what, fix));
}

/** An error about values that contradict the model, such as an index outside of its axis. */
export function dataError(call: NamedCall, what: string, fix?: string): DataError {
  return new DataError(report(call, what, fix));
}

/** An error about a node that lacks an input or attribute. */
export function modelError(call: NamedCall, what: string, fix?: string): ModelError {
  return new ModelError(report(call, what, fix));
}

function report(call: NamedCall, what: string, fix: string | undefined) {
  const base = { what: `${call.op}: ${what}`, where: `node "${call.name}"` };
  return fix === undefined ? base : { ...base, fix };
}
