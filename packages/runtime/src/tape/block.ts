/**
 * A piece of kernel memory that a plan asked for. Where it lies is decided when all pieces are known:
 * until then, and after each move of the arena, only `address` changes.
 */
export class Block {
  readonly sizeBytes: number;
  /** The first instruction that may use it. */
  readonly first: number;
  /** One past the last instruction that may use it. */
  last: number = Number.POSITIVE_INFINITY;
  /** Bytes from the start of kernel memory, a multiple of 16. */
  address = 0;

  constructor(sizeBytes: number, first: number) {
    this.sizeBytes = sizeBytes;
    this.first = first;
  }
}

/** A place in a block, as an argument of a kernel. */
export class Address {
  readonly block: Block;
  /** Bytes from the start of the block. */
  readonly offset: number;

  constructor(block: Block, offset = 0) {
    this.block = block;
    this.offset = offset;
  }

  /** Bytes from the start of kernel memory, as things stand now. */
  get value(): number {
    return this.block.address + this.offset;
  }

  plus(bytes: number): Address {
    return new Address(this.block, this.offset + bytes);
  }
}

/** What a kernel is called with: a number, or a place whose address is not final. */
export type Argument = number | Address;

/** The number an argument stands for, as things stand now. */
export function numberOf(argument: Argument): number {
  return typeof argument === 'number' ? argument : argument.value;
}
