import { create } from '@bufbuild/protobuf';
import { FormatError, ModelError } from '@espalier/core';
import {
  type AttributeProto,
  AttributeProtoSchema,
  type FunctionProto,
  type ModelProto,
  type NodeProto,
  type OperatorSetIdProto,
} from '../gen/onnx_pb.js';
import type { Opsets, SourceNode } from './source-node.js';

/** More nodes than any network has: functions that call each other twice double at each level. */
const maxNodes = 100_000;

/** The operator sets that a model or function imports. */
function readOpsets(imports: readonly OperatorSetIdProto[]): Opsets {
  // ONNX's own domain has two spellings.
  return new Map(imports.map(({ domain, version }) => [plainDomain(domain), Number(version)]));
}

function plainDomain(domain: string): string {
  return domain === 'ai.onnx' ? '' : domain;
}

/**
 * The nodes of the main graph, with each call of a function of the model replaced by its body.
 *
 * @throws {ModelError} when functions call each other in a circle
 */
export function expandFunctions(model: ModelProto, nodes: readonly NodeProto[]): SourceNode[] {
  const functions = new Map(model.functions.map((f) => [keyOf(f.domain, f.name, f.overload), f]));
  const expander = new Expander(functions);
  const scope: Scope = {
    opsets: readOpsets(model.opsetImport),
    prefix: '',
    names: new Map(),
    attributes: null,
    callers: [],
  };
  expander.expand(nodes, scope);
  return expander.nodes;
}

interface Scope {
  readonly opsets: Opsets;
  /** Put before names that are the function's own. */
  readonly prefix: string;
  /** The caller's names of the function's inputs and outputs. */
  readonly names: ReadonlyMap<string, string>;
  /** What attributes refer to; null in the main graph, where they can't. */
  readonly attributes: ReadonlyMap<string, AttributeProto> | null;
  readonly callers: readonly FunctionProto[];
}

function keyOf(domain: string, name: string, overload: string): string {
  return `${plainDomain(domain)}\n${name}\n${overload}`;
}

class Expander {
  readonly nodes: SourceNode[] = [];
  readonly #functions: ReadonlyMap<string, FunctionProto>;
  #calls = 0;

  constructor(functions: ReadonlyMap<string, FunctionProto>) {
    this.#functions = functions;
  }

  expand(nodes: readonly NodeProto[], scope: Scope): void {
    for (const node of nodes) {
      const called = this.#functions.get(keyOf(node.domain, node.opType, node.overload));
      const source = rename(node, scope);
      if (called === undefined) this.#add(source);
      else this.#call(called, source, scope);
    }
  }

  #add(node: SourceNode): void {
    if (this.nodes.length >= maxNodes) {
      throw new FormatError({
        what: `The functions of the model expand to more than ${maxNodes} nodes.`,
        fix: 'Export the model without functions.',
      });
    }
    this.nodes.push(node);
  }

  #call(called: FunctionProto, node: SourceNode, scope: Scope): void {
    if (scope.callers.includes(called)) {
      throw new ModelError({
        what: `The function "${called.name}" calls itself.`,
        where: `node "${node.name}"`,
        fix: 'Export the model without functions.',
      });
    }
    const prefix = `${scope.prefix}${node.name || called.name}:${this.#calls++}/`;
    const names = new Map<string, string>();
    for (const [i, name] of called.input.entries()) names.set(name, node.inputs[i] ?? '');
    for (const [i, name] of called.output.entries()) names.set(name, node.outputs[i] || prefix + name);
    const attributes = new Map(
      [...called.attributeProto, ...node.attributes].map((attribute) => [attribute.name, attribute]),
    );
    const opsets = readOpsets(called.opsetImport);
    this.expand(called.node, { opsets, prefix, names, attributes, callers: [...scope.callers, called] });
  }
}

function rename(node: NodeProto, scope: Scope): SourceNode {
  const domain = plainDomain(node.domain);
  const local = (name: string): string => (name === '' ? '' : (scope.names.get(name) ?? scope.prefix + name));
  return {
    name: node.name === '' ? '' : scope.prefix + node.name,
    op: node.opType,
    domain,
    // Files of IR version 2 and less import nothing and mean the first version.
    opset: scope.opsets.get(domain) ?? (domain === '' && scope.opsets.size === 0 ? 1 : 0),
    inputs: node.input.map(local),
    outputs: node.output.map(local),
    attributes: node.attribute.flatMap((attribute) => resolve(attribute, scope.attributes)),
  };
}

/** An attribute of a function's node may stand for one of the call; without that it is absent. */
function resolve(attribute: AttributeProto, call: Scope['attributes']): AttributeProto[] {
  if (attribute.refAttrName === '') return [attribute];
  const given = call?.get(attribute.refAttrName);
  return given === undefined ? [] : [create(AttributeProtoSchema, { ...given, name: attribute.name })];
}
