/** The message of a failed load, with a retry. */

interface Props {
  /** The data that could not be loaded. */
  what?: string;
  message: string;
  onRetry: () => void;
}

export function Failed({ what = "The signals", message, onRetry }: Props) {
  return (
    <div class="failed" role="alert">
      <div>
        <h2>{what} could not be loaded</h2>
        <p>{message} Retrying automatically.</p>
      </div>
      <button class="button" type="button" onClick={onRetry}>
        Try again
      </button>
    </div>
  );
}
