/** A file of a page's bundle. */
export interface WeighedFile {
  readonly name: string;
  readonly bytes: number;
  readonly brotli: number;
  /** Loaded as the page runs, where it is needed. */
  readonly onDemand: boolean;
  /** How packages share its bytes. */
  readonly parts: readonly { readonly name: string; readonly brotli: number }[];
}

/** What a page weighs, behind brotli. */
export interface PageWeight {
  readonly files: readonly WeighedFile[];
  /** Without what is loaded on demand. */
  readonly loaded: number;
  readonly everything: number;
}

/** Paths of the sources in the bundle of a page. */
export interface PageModules {
  readonly atOnce: readonly string[];
  /** Imported as the page runs. */
  readonly onDemand: readonly string[];
}

export declare function brotliBytes(content: string | Uint8Array): number;
export declare function weighPage(entry: string): Promise<PageWeight>;
export declare function modulesOfPage(entry: string): Promise<PageModules>;
