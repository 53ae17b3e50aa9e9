/** The table of a set's numbers; those that are not the defaults are marked. */

import type { FieldValue, SetField } from "../../../api/set_form";
import { t } from "../../../text/catalogue";
import { plain } from "../../../values/format";

export function Fields({ fields }: { fields: readonly SetField[] }) {
  return (
    <div class="scrolled" tabIndex={0} role="region" aria-label={t("strategies.numbers")}>
      <table class="plain set-fields">
        <thead>
          <tr>
            <th scope="col">{t("strategies.name")}</th>
            <th scope="col" class="numeric">
              {t("strategies.value")}
            </th>
            <th scope="col" class="numeric">
              {t("strategies.default")}
            </th>
            <th scope="col">{t("strategies.bounds")}</th>
          </tr>
        </thead>
        <tbody>
          {fields.map((field) => (
            <tr key={field.name} class={field.differs ? "differs" : ""}>
              <th scope="row">
                {field.name}
                <span class="under">{field.about}</span>
              </th>
              <td class="numeric">
                {written(field.value)} <span class="muted">{field.unit}</span>
                {field.differs && <span class="under">{t("strategies.notDefault")}</span>}
              </td>
              <td class="numeric">{written(field.default)}</td>
              <td>{bounds(field)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

export function written(value: FieldValue): string {
  if (typeof value === "number") return plain(value);
  return typeof value === "string" ? value || "–" : value.join(" ");
}

/** `1 to 20`, `from 0`, or a dash. */
export function bounds({ least, most }: SetField): string {
  if (least === null && most === null) return "–";
  if (most === null) return t("strategies.from", { least: plain(least ?? 0) });
  return t("strategies.range", { least: plain(least ?? 0), most: plain(most) });
}
