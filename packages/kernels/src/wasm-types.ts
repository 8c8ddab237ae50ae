// Names for what WebAssembly has, in our own words: declarations that name the global `WebAssembly` are errors in a project
// without the types of the DOM or of Node.

/** A `WebAssembly.Memory`. */
export interface KernelMemory {
  readonly buffer: ArrayBufferLike;
  /** Makes it longer by pages of 64 KiB; returns how many there were. */
  grow(pages: number): number;
}

/** A `WebAssembly.Module`: what threads hand each other. Nothing can be read off it. */
export type KernelModule = object;
