import { Address, type Argument } from '@espalier/runtime/tape';

/** The place `bytes` behind another. */
export function plus(argument: Argument, bytes: number): Argument {
  return argument instanceof Address ? argument.plus(bytes) : argument + bytes;
}
