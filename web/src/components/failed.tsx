/** The message of a failed load, with a retry. */

import { t } from "../text/catalogue";

interface Props {
  /** The data that could not be loaded. */
  what?: string;
  message: string;
  onRetry: () => void;
}

export function Failed({ what = t("components.theSignals"), message, onRetry }: Props) {
  return (
    <div class="failed" role="alert">
      <div>
        <h2>{t("components.failed", { what })}</h2>
        <p>
          {message} {t("components.retrying")}
        </p>
      </div>
      <button class="button" type="button" onClick={onRetry}>
        {t("components.tryAgain")}
      </button>
    </div>
  );
}
