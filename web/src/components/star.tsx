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
  const does = t("settings.star", { of });
  return (
    <button
      type="button"
      class="star"
      aria-pressed={on}
      aria-label={words === "" ? does : `${words}: ${does}`} // what is seen is a part of it
      title={on ? t("settings.unstar", { of }) : does}
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
