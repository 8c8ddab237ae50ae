/**
 * The words that threads share, by index. Seen by the worker's source text too, which has the numbers written in.
 *
 * The ticket says what there is to take: its low bits count the parts that nobody has taken yet, the bits above say
 * which instruction it is of, counted from the start and wrapping. A part is taken by compareExchange of the whole
 * word, so a thread that was held up can't take a part of an instruction that is over.
 */
export const TICKET = 0;
/** Index of the instruction in its tape. */
export const INSTRUCTION = 1;
/** Which tape it is of. */
export const TAPE = 2;
/** Parts of the instruction that are done. */
export const DONE = 3;
/** Workers that wait in Atomics.wait, or are about to. */
export const SLEEPERS = 4;
/** Changes when sleepers shall wake up. */
export const WAKE = 5;
/** 1 when a worker has failed. */
export const FAILED = 6;

/** Words in all: two cache lines, so that nothing else is on them. */
export const CONTROL_WORDS = 32;
/** Bits of the ticket that count parts. */
export const PART_BITS = 8;
/** The most parts of an instruction. */
export const MOST_PARTS: number = (1 << PART_BITS) - 1;
