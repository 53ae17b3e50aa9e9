/** The notice that a newer version of the page is installed; the user chooses when to reload. */

import { useEffect, useState } from "preact/hooks";

import { onUpdate } from "../browser/install";
import { t } from "../text/catalogue";

export function UpdateNotice() {
  const [ready, setReady] = useState(false);
  useEffect(() => onUpdate(() => setReady(true)), []);
  if (!ready) return null;
  return (
    <p class="banner update" role="status">
      {t("frame.newer")}{" "}
      <button class="button small" type="button" onClick={() => window.location.reload()}>
        {t("frame.reload")}
      </button>
    </p>
  );
}
