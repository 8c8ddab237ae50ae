import type { ComponentChildren, JSX } from 'preact';
import type { Failure } from '../rpc/protocol.js';
import { RemoteError } from '../rpc/remote.js';

/** Anything caught, as it is shown. Null for what the reader has asked for. */
export function shownFailure(error: unknown): Failure | null {
  if (error instanceof RemoteError) return error.failure.code === 'ABORTED' ? null : error.failure;
  return { what: error instanceof Error ? error.message : String(error) };
}

/** What went wrong, where the reader is looking. */
export function FailureMessage(props: {
  readonly failure: Failure | null;
  readonly onClose?: () => void;
}): JSX.Element {
  const { failure, onClose } = props;
  return (
    <div role="alert" class="alert-slot">
      {failure && (
        <div class="message message-bad">
          <div>
            <p class="message-what">{failure.what}</p>
            {failure.where && <p class="message-where">{failure.where}</p>}
            {failure.fix && <p>{failure.fix}</p>}
          </div>
          {onClose && (
            <button type="button" class="icon-button" aria-label="Close this message" onClick={onClose}>
              ×
            </button>
          )}
        </div>
      )}
    </div>
  );
}

/** Something worth knowing that is no failure. */
export function Note(props: { readonly children: ComponentChildren }): JSX.Element {
  return <p class="message">{props.children}</p>;
}
