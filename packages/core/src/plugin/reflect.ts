// tsyringe throws at import unless the Reflect metadata API is there. A module of its own, because
// bundlers run a CommonJS package where its importer's body begins: in the file that imports tsyringe
// that would be too late.
import 'reflect-metadata';

/** Whether the API is there. Used, so that no bundler leaves this module out. */
export const hasReflectMetadata: boolean = 'getMetadata' in Reflect;
