import type { BrowserContext } from 'playwright-core';

export declare function noBrowserReason(): string | null;
export declare function openBrowser(): Promise<{ readonly context: BrowserContext; close(): Promise<void> }>;
export declare function bundleForPage(entry: string): Promise<string>;

/** A file of a bundle. */
export interface PageFile {
  readonly name: string;
  readonly text: string;
  /** Files it can't start without. */
  readonly imports: readonly string[];
  /** The modules in it, and what they are before they are minified. */
  readonly sources: readonly { readonly id: string; readonly bytes: number }[];
}

export declare function bundleToFiles(entry: string): Promise<readonly PageFile[]>;
