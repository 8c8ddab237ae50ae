import type { KernelMemory } from './wasm-types.js';

const PAGE_BYTES = 65536;
/** What WebAssembly can address with 32 bits. */
const MAXIMUM_PAGES = 65536;
const INITIAL_PAGES = 16;
/** 1 GiB: a shared memory reserves its maximum at once, and phones refuse much more. */
const SHARED_MAXIMUM_BYTES = 2 ** 30;
/** 64 MiB: where an engine refuses even that, nothing of use would fit. */
const SMALLEST_MAXIMUM_PAGES = 1024;

/** What a new kernel memory is like. */
export interface MemoryOptions {
  /** Whether other threads can use it too. Default false. */
  readonly shared?: boolean | undefined;
  /** How far it may grow; rounded up to 64 KiB. Default 4 GiB, and 1 GiB for a shared one. */
  readonly maximumBytes?: number | undefined;
}

/**
 * A memory for kernels. A shared one may get a lower maximum than asked for where the engine can't reserve as much:
 * half as often as needed, down to 64 MiB.
 *
 * @throws {RangeError} when `maximumBytes` is no size in 1 ... 4 GiB, or the engine reserves nothing
 */
export function newMemory(options: MemoryOptions = {}): KernelMemory {
  const shared = options.shared ?? false;
  const bytes = options.maximumBytes ?? (shared ? SHARED_MAXIMUM_BYTES : MAXIMUM_PAGES * PAGE_BYTES);
  let maximum = Math.ceil(bytes / PAGE_BYTES);
  if (!(maximum >= 1 && maximum <= MAXIMUM_PAGES)) {
    throw new RangeError(
      `maximumBytes is ${bytes}: kernel memory holds 1 to ${MAXIMUM_PAGES * PAGE_BYTES} bytes.`,
    );
  }
  for (;;) {
    try {
      return new WebAssembly.Memory({ initial: Math.min(INITIAL_PAGES, maximum), maximum, shared });
    } catch (cause) {
      if (maximum < 2 * SMALLEST_MAXIMUM_PAGES) {
        throw new RangeError(`The engine gives no kernel memory of up to ${maximum * PAGE_BYTES} bytes.`, {
          cause,
        });
      }
      maximum = Math.floor(maximum / 2);
    }
  }
}

/** Whether other threads can use the memory. */
export function isShared(memory: KernelMemory): boolean {
  // By name: a page that is not isolated has shared memories, but no SharedArrayBuffer to compare with.
  return Object.prototype.toString.call(memory.buffer) === '[object SharedArrayBuffer]';
}
