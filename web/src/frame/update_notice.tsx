/** The notice that a newer version of the page is installed; the user chooses when to reload. */

import { useEffect, useState } from "preact/hooks";

import { onUpdate } from "../browser/install";

export function UpdateNotice() {
  const [ready, setReady] = useState(false);
  useEffect(() => onUpdate(() => setReady(true)), []);
  if (!ready) return null;
  return (
    <p class="banner update" role="status">
      A newer version of this page is ready.{" "}
      <button class="button small" type="button" onClick={() => window.location.reload()}>
        Reload
      </button>
    </p>
  );
}
