import {
  type ErrorReport,
  EspalierError,
  FormatError,
  type Graph,
  type Quantization,
  UnsupportedError,
  type Value,
} from '@espalier/core';
import type { FileGraph, FileOperator, FileTensor } from './file-graph.js';
import { OperatorContext, type Translate } from './operator-context.js';
import { translationOf } from './operators/table.js';
import { TensorForms } from './tensor-forms.js';
import { ValueMaker } from './value-maker.js';

/** Builds the IR's graph from that of a file, operator by operator: a file has them in the order of execution. */
export class GraphImporter {
  readonly #file: FileGraph;
  readonly #maker: ValueMaker;
  readonly #forms: TensorForms;

  constructor(file: FileGraph) {
    this.#file = file;
    this.#maker = new ValueMaker(file.name);
    this.#forms = new TensorForms(this.#maker);
  }

  /** @throws {UnsupportedError} that names every operator which can't be read */
  run(): Graph {
    const translations = this.#translations();
    for (const tensor of new Set(this.#file.inputs)) this.#addInput(tensor);
    this.#translateAll(translations);
    for (const tensor of this.#file.outputs) this.#addOutput(tensor);
    this.#maker.graph.removeDead();
    return this.#maker.graph;
  }

  /** Operators that are not read at all are told together, before anything is made of the others. */
  #translations(): readonly (readonly [FileOperator, Translate])[] {
    const known: (readonly [FileOperator, Translate])[] = [];
    const unknown = new Map<string, number[]>();
    for (const operator of this.#file.operators) {
      const translate = operator.isCustom ? undefined : translationOf(operator.name);
      if (translate !== undefined) known.push([operator, translate]);
      else {
        const name = operator.isCustom ? `custom operator "${operator.name}"` : operator.name;
        unknown.set(name, [...(unknown.get(name) ?? []), operator.index]);
      }
    }
    if (unknown.size > 0) throw unsupportedOperators(unknown);
    return known;
  }

  /** Goes on behind an operator that can't be translated, to tell of all. */
  #translateAll(translations: readonly (readonly [FileOperator, Translate])[]): void {
    const refusals: UnsupportedError[] = [];
    for (const [operator, translate] of translations) {
      const context = new OperatorContext(operator, this.#file, this.#forms, this.#maker);
      try {
        translate(context);
      } catch (error) {
        const placed = atOperator(error, operator);
        if (!(placed instanceof UnsupportedError)) throw placed;
        refusals.push(placed);
        for (const tensor of context.outputs) this.#standIn(tensor);
      }
    }
    if (refusals.length > 0) throw together(refusals);
  }

  /** Takes the place of what a refused operator would compute. */
  #standIn(tensor: FileTensor): void {
    const { quantization: grid, type, dims } = tensor;
    const dtype = grid === null ? type : 'float32';
    this.#forms.keep(tensor, this.#maker.graph.addValue(tensor.name, { dtype, dims }));
  }

  /** Inputs and outputs keep the shapes and types of the file. */
  #addInput(tensor: FileTensor): void {
    const { graph } = this.#maker;
    const { quantization: grid, type, openDims } = tensor;
    if (grid !== null && grid.axis !== null) throw channelGrids(tensor);
    const name = this.#freeName(tensor.name);
    const value = graph.addInput(name, { dtype: type, dims: openDims });
    const reals =
      grid === null || grid.storageType === 'int32'
        ? value
        : this.#maker.apply('DequantizeLinear', [value, ...this.#maker.gridOf(grid)], {
            grid,
            name,
          });
    this.#forms.keep(tensor, reals);
  }

  #addOutput(tensor: FileTensor): void {
    const { graph } = this.#maker;
    const { quantization: grid } = tensor;
    const value = this.#forms.value(tensor);
    if (grid !== null && grid.storageType !== 'int32') {
      graph.addOutput(this.#quantized(tensor, value, grid));
    } else if (graph.isInput(value) || graph.isOutput(value) || value.constant !== null) {
      graph.addOutput(this.#maker.apply('Identity', [value], { name: tensor.name }));
    } else {
      this.#takeName(tensor, value);
      graph.addOutput(value);
    }
  }

  #quantized(tensor: FileTensor, value: Value, grid: Quantization): Value {
    const result = this.#maker.apply('QuantizeLinear', [value, ...this.#maker.gridOf(grid)], {
      name: tensor.name,
    });
    this.#takeName(tensor, result);
    return result;
  }

  /** Gives an output the tensor's own name, which a value inside the graph may have. */
  #takeName({ name }: FileTensor, value: Value): void {
    const { graph } = this.#maker;
    const holder = graph.value(name);
    if (holder === value) return;
    if (holder !== undefined) {
      if (graph.isInput(holder) || graph.isOutput(holder)) return;
      graph.rename(holder, this.#freeName(`${name}_inside`));
    }
    graph.rename(value, name);
  }

  #freeName(wanted: string): string {
    let name = wanted;
    for (let i = 1; this.#maker.graph.value(name) !== undefined; i++) name = `${wanted}_${i}`;
    return name;
  }
}

/** How many places of one operator are named. */
const placesNamed = 4;

function unsupportedOperators(found: ReadonlyMap<string, readonly number[]>): UnsupportedError {
  const names = [...found].map(([name, places]) => {
    const more = places.length > placesNamed ? ', …' : '';
    return `${name} (${places.slice(0, placesNamed).join(', ')}${more})`;
  });
  return new UnsupportedError({
    what: `The model has operators that are not supported: ${names.join(', ')}.`,
    where: 'operators by number, as in parentheses',
    fix: 'Convert the model without them.',
  });
}

/** One error that tells of all; of a single one its own. */
function together(refusals: readonly UnsupportedError[]): UnsupportedError {
  const [first] = refusals;
  if (refusals.length === 1 && first !== undefined) return first;
  const texts = refusals.map(({ what, where }) => `${where}: ${what}`);
  return new UnsupportedError({
    what: ['The model has operators in forms that are not supported.', ...texts].join('\n  '),
    fix: 'Convert the model without them.',
  });
}

function channelGrids({ where }: FileTensor): UnsupportedError {
  return new UnsupportedError({
    what: 'An input of the model has scales of single channels.',
    where,
    fix: 'Convert the model with one scale for each activation.',
  });
}

/** The same error, with the operator it is about. */
function atOperator(error: unknown, { where }: FileOperator): unknown {
  if (!(error instanceof EspalierError)) {
    return new FormatError({
      what: `An operator can't be read: ${error instanceof Error ? error.message : String(error)}`,
      where,
      fix: 'Get or convert the model again.',
      cause: error,
    });
  }
  if (error.where?.includes(where)) return error;
  const Kind = error.constructor as new (report: ErrorReport) => EspalierError; // all its subclasses take a report
  return new Kind({
    what: error.what,
    where: error.where === undefined ? where : `${where}, ${error.where}`,
    fix:
      error.fix ??
      (error instanceof UnsupportedError
        ? 'Convert the model without it.'
        : 'Get or convert the model again.'),
    cause: error,
  });
}
