/** What went wrong, as it is shown: the same three lines as in the command. */
export interface Failure {
  readonly what: string;
  readonly where?: string;
  readonly fix?: string;
  /** Code of the EspalierError; absent for anything else. */
  readonly code?: string;
}

/** The methods of a worker, each with what it takes, tells on the way, and gives. */
export type Methods<M> = { readonly [K in keyof M]: Method };

interface Method {
  readonly takes: unknown;
  readonly tells: unknown;
  readonly gives: unknown;
}

/** From the page to a worker. */
export type Call =
  | { readonly kind: 'call'; readonly id: number; readonly method: string; readonly takes: unknown }
  | { readonly kind: 'cancel'; readonly id: number };

/** From a worker to the page. */
export type Answer =
  /** It has started. It holds the lock of that name as long as it lives; null where there are no locks. */
  | { readonly kind: 'ready'; readonly life: string | null }
  | { readonly kind: 'tells'; readonly id: number; readonly tells: unknown }
  | { readonly kind: 'gives'; readonly id: number; readonly gives: unknown }
  | { readonly kind: 'fails'; readonly id: number; readonly failure: Failure };
