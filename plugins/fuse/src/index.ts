export { FUSE, FusePass } from './fuse-pass.js';
export { type FuseOptions, fuseOptions } from './options.js';
export { fuse } from './plugin.js';
export type { Rewrite, RewriteContext } from './rewrite.js';
export { rewriteNames } from './rewrites.js';
