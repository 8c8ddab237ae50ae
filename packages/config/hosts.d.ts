/** A bundled module in another engine. */
export interface Host {
  /** Calls a function that the module exports; what is passed and given back may hold typed arrays and bigints. */
  call(name: string, ...args: readonly unknown[]): Promise<unknown>;
  close(): Promise<void>;
}

/** An engine that may be on this machine. */
export interface HostKind {
  readonly host: string;
  /** Why it can't be opened here; null where it can. */
  readonly missing: string | null;
  /** @param script - an ES module without imports, as `bundleForPage` makes it */
  open(script: string): Promise<Host>;
}

export declare function otherHosts(): readonly HostKind[];
