/** The changes of a set, the newest first. */

import type { SetChange } from "../../../api/set_form";
import { Nothing } from "../../../components/card";
import { t } from "../../../text/catalogue";
import { fullTime, type Zone } from "../../../values/format";
import { evidenceText, words } from "../../../values/names";

export function History({ changes, zone }: { changes: readonly SetChange[]; zone: Zone }) {
  if (changes.length === 0) return <Nothing>{t("strategies.noChange")}</Nothing>;
  return (
    <ol class="set-history">
      {changes.map((one) => (
        <li key={one.at}>
          <span class="muted">{fullTime(one.at, zone)}</span>{" "}
          {one.before === null ? t("strategies.new") : words(one.before)} → {words(one.status)}
          {[one.why, one.reason, evidenceText(one.evidence)]
            .filter((said) => said !== "")
            .map((said) => (
              <span key={said} class="under">
                {said}
              </span>
            ))}
        </li>
      ))}
    </ol>
  );
}
