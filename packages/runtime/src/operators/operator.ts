import type { Attributes, DataType, Tensor } from '@espalier/core';
import type { ResampleTaps } from '@espalier/kernels';

/** What a node tells its operator besides the tensors. */
export interface OperatorCall {
  readonly attributes: Attributes;
  /** Outputs wanted: how many the node has, and which of them are read. */
  readonly outputs: readonly boolean[];
  /** The node's name, for errors. */
  readonly name: string;
}

/**
 * Computes one node. An input the node leaves out is `null`; so is an output nobody reads, where leaving
 * it out saves work.
 *
 * @throws {ShapeError} when shapes do not fit the operator
 * @throws {UnsupportedError} when a type or attribute value is outside what the operator can do
 * @throws {ModelError} when a required input or attribute is missing
 */
export type Operator = (inputs: readonly (Tensor | null)[], call: OperatorCall) => readonly (Tensor | null)[];

/** What each element of a resampled axis is mixed of, in the form that `resampleTable` takes; null where an axis stays. */
export type AxisResampling = readonly ResampleTaps[] | null;

/** How an operator resamples each axis of its first input, of which only the shape is read. */
export type Resampling = (
  inputs: readonly (Tensor | null)[],
  call: OperatorCall,
) => readonly AxisResampling[];

/** An operator, and the types its first input may have. */
export interface OperatorEntry {
  readonly run: Operator;
  readonly types: readonly DataType[];
  /** Where its results are weighted sums along one axis after the other. */
  readonly resampling?: Resampling;
}

/** A call that knows which operator it is for: what implementations get. */
export interface NamedCall extends OperatorCall {
  readonly op: string;
}

export type Inputs = readonly (Tensor | null)[];
export type Outputs = readonly (Tensor | null)[];

/** An operator as its file defines it, before the table adds the checks that all share. */
export interface OperatorDefinition {
  readonly run: (inputs: Inputs, call: NamedCall) => Outputs;
  /** Types of the first input that is present. */
  readonly types: readonly DataType[];
  /** How many inputs are required; 1 where not said. */
  readonly required?: number;
  /** As in `OperatorEntry`. */
  readonly resampling?: (inputs: Inputs, call: NamedCall) => readonly AxisResampling[];
}

/** Operators by name. */
export type OperatorFamily = Readonly<Record<string, OperatorDefinition>>;
