/** See litert.js. */
export declare function startLiteRtBindings(main: string, printErr?: (text: string) => void): Promise<unknown>;
