/** The preferences as a file: exported, and imported in another browser. No token is among them. */

import { useState } from "preact/hooks";

import { save } from "../../browser/files";
import { exported, imported } from "../../state/stored_values";
import type { Preferences } from "../../state/preferences";
import { t } from "../../text/catalogue";

const FILE = "signalengine-preferences.json";
/** Larger files are not read. */
const MOST_BYTES = 1_000_000;

export function Files({ preferences }: { preferences: Preferences }) {
  const [said, setSaid] = useState("");
  const take = async (file: File | undefined) => {
    if (file === undefined) return;
    const values = file.size > MOST_BYTES ? null : imported(await file.text());
    if (values === null) return setSaid(t("settings.noFile"));
    preferences.take(values);
    setSaid(t("settings.taken", { n: Object.keys(values).length }));
  };
  return (
    <>
      <p class="muted note">{t("settings.fileNote")}</p>
      <p class="actions">
        <button
          class="button"
          type="button"
          onClick={() =>
            save(new Blob([exported(preferences.chosen)], { type: "application/json" }), FILE)
          }
        >
          {t("settings.export")}
        </button>
        <label class="button">
          {t("settings.import")}
          <input
            class="unseen"
            type="file"
            accept="application/json,.json"
            onChange={(event) => {
              void take(event.currentTarget.files?.[0]);
              event.currentTarget.value = ""; // the same file may be chosen again
            }}
          />
        </label>
      </p>
      <p class="muted note" role="status">
        {said}
      </p>
    </>
  );
}
