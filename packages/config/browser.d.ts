import type { BrowserContext } from 'playwright-core';

export declare function noBrowserReason(): string | null;
export declare function openBrowser(): Promise<{ readonly context: BrowserContext; close(): Promise<void> }>;
export declare function bundleForPage(entry: string): Promise<string>;
