/** The worker that places nodes. */
export interface LayoutMethods {
  readonly place: { readonly takes: LayoutTakes; readonly tells: never; readonly gives: Layout };
}

export interface LayoutTakes {
  readonly nodes: readonly { readonly id: string; readonly reads: readonly string[] }[];
  /** Of each node, in pixels. */
  readonly width: number;
  readonly height: number;
}

/** Where everything is, in pixels from the upper left corner. */
export interface Layout {
  readonly width: number;
  readonly height: number;
  readonly places: readonly { readonly id: string; readonly x: number; readonly y: number }[];
  readonly edges: readonly Edge[];
}

export interface Edge {
  /** An SVG path. */
  readonly path: string;
  readonly top: number;
  readonly bottom: number;
}
