/** What tools read of a package.json. */
export interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly private?: boolean;
  readonly files?: readonly string[];
  readonly keywords?: readonly string[];
  readonly scripts?: Readonly<Record<string, string>>;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

/** The workspace root. */
export declare const root: string;

/** Every package of the workspace: its folder (relative, with slashes) and its package.json. */
export declare function workspacePackages(): readonly {
  readonly folder: string;
  readonly manifest: Manifest;
}[];
