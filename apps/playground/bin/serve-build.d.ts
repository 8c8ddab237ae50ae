/** The page, served. */
export interface Served {
  readonly url: string;
  close(): void;
}

export declare function serveBuild(headers?: Readonly<Record<string, string>>): Promise<Served>;
