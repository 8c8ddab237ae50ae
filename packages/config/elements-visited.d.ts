/** See elements-visited.js. */
export declare function elementsVisited<T>(action: () => T | Promise<T>): Promise<{ readonly result: T; readonly visited: number }>;
