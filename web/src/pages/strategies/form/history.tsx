/** The changes of a set, the newest first. */

import type { SetChange } from "../../../api/set_form";
import { Nothing } from "../../../components/card";
import { t } from "../../../text/catalogue";
import { fullTime, type Zone } from "../../../values/format";

export function History({ changes, zone }: { changes: readonly SetChange[]; zone: Zone }) {
  if (changes.length === 0) return <Nothing>{t("strategies.noChange")}</Nothing>;
  return (
    <ol class="set-history">
      {changes.map((one) => (
        <li key={one.at}>
          <span class="muted">{fullTime(one.at, zone)}</span> {one.before ?? t("strategies.new")} →{" "}
          {one.status}
          {[one.why, one.reason, one.evidence]
            .filter((words) => words !== "")
            .map((words) => (
              <span key={words} class="under">
                {words}
              </span>
            ))}
        </li>
      ))}
    </ol>
  );
}
