/** A star that is on or off: of a symbol, or of a signal. */

import { t } from "../text/catalogue";

interface Props {
  /** What it is of: "BTCUSDT". */
  of: string;
  /** Written beside it. */
  words?: string;
  on: boolean;
  onToggle: () => void;
}

export function Star({ of, words = "", on, onToggle }: Props) {
  return (
    <button
      type="button"
      class="star"
      aria-pressed={on}
      aria-label={t("settings.star", { of })}
      title={on ? t("settings.unstar", { of }) : t("settings.star", { of })}
      onClick={(event) => {
        event.stopPropagation(); // a row opens its signal
        onToggle();
      }}
    >
      <span aria-hidden="true">
        {on ? "★" : "☆"} {words}
      </span>
    </button>
  );
}
