/** Which columns the table has, and in which order. */

import { Icon } from "../../../components/icons";
import { toggled } from "../../../state/stored_values";
import type { Preferences } from "../../../state/preferences";
import { COLUMNS, USUAL_COLUMNS, type Column } from "../../../state/rows";
import { t } from "../../../text/catalogue";

/** The name of a column, in the page's language. */
export function columnName(column: Column): string {
  return column === "reward" ? t("settings.reward") : t(`signals.${column}`);
}

/** A list with one of its values a place further up (-1) or down (1). */
export function moved<T>(values: readonly T[], value: T, by: -1 | 1): readonly T[] {
  const at = values.indexOf(value);
  const other = values[at + by];
  if (at < 0 || other === undefined) return values;
  return values.map((one, place) => (place === at ? other : place === at + by ? value : one));
}

export function Columns({ preferences }: { preferences: Preferences }) {
  const { columns, set } = preferences;
  const shown = [...columns, ...COLUMNS.filter((name) => !columns.includes(name))];
  return (
    <>
      <p class="muted note">{t("settings.columnsNote")}</p>
      <ul class="column-list">
        {shown.map((column) => (
          <li key={column}>
            <label>
              <input
                type="checkbox"
                checked={columns.includes(column)}
                disabled={column === "symbol"}
                onChange={() => set("columns", toggled(columns, column))}
              />{" "}
              {columnName(column)}
            </label>
            {columns.includes(column) && (
              <span class="moves">
                <Move column={column} by={-1} preferences={preferences} />
                <Move column={column} by={1} preferences={preferences} />
              </span>
            )}
          </li>
        ))}
      </ul>
      <p class="actions">
        <button class="button" type="button" onClick={() => set("columns", USUAL_COLUMNS)}>
          {t("settings.usualColumns")}
        </button>
      </p>
    </>
  );
}

interface MoveProps {
  column: Column;
  by: -1 | 1;
  preferences: Preferences;
}

function Move({ column, by, preferences: { columns, set } }: MoveProps) {
  const at = columns.indexOf(column) + by;
  return (
    <button
      class="button small"
      type="button"
      aria-label={t(by < 0 ? "settings.moveUp" : "settings.moveDown", {
        column: columnName(column),
      })}
      disabled={at < 0 || at >= columns.length}
      onClick={() => set("columns", moved(columns, column, by))}
    >
      <Icon name={by < 0 ? "up" : "down"} />
    </button>
  );
}
