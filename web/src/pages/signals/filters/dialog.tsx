/** Filters that need more than a list, saved filters, and the columns of the table. */

import { Dialog } from "../../../components/dialog";
import type { View } from "../../../routing/view";
import type { Preferences } from "../../../state/preferences";
import type { Range } from "../../../state/rows";
import { t } from "../../../text/catalogue";
import { Columns } from "./columns";
import { Saving } from "./saved";

interface Props {
  view: View;
  preferences: Preferences;
  onChange: (change: Partial<View>) => void;
  onClose: () => void;
}

const PERCENT = 100;

export function FiltersDialog({ view, preferences, onChange, onClose }: Props) {
  return (
    <Dialog id="filters" class="detail small" title={t("settings.filters")} onClose={onClose}>
      <section>
        <h3>{t("settings.ranges")}</h3>
        <RangeFields
          name={t("signals.score")}
          unit="%"
          most={100}
          step={1}
          of={scaled(view.scores, PERCENT)}
          onChange={(range) => onChange({ scores: scaled(range, 1 / PERCENT) })}
        />
        <RangeFields
          name={t("settings.reward")}
          unit="R"
          most={100}
          step={0.1}
          of={view.rewards}
          onChange={(rewards) => onChange({ rewards })}
        />
        <p class="muted note">{t("settings.rewardNote")}</p>
        <label>
          <input
            type="checkbox"
            checked={view.starred}
            onChange={(event) => onChange({ starred: event.currentTarget.checked })}
          />{" "}
          {t("settings.onlyStarred")}
        </label>
      </section>
      <section>
        <h3>{t("settings.saved")}</h3>
        <Saving view={view} preferences={preferences} />
      </section>
      <section>
        <h3>{t("settings.columns")}</h3>
        <Columns preferences={preferences} />
      </section>
    </Dialog>
  );
}

interface RangeProps {
  name: string;
  unit: string;
  most: number;
  step: number;
  of: Range;
  onChange: (range: Range) => void;
}

function RangeFields({ name, unit, most, step, of, onChange }: RangeProps) {
  const field = (end: "from" | "to", words: string) => (
    <label>
      <span class="muted">
        {words}, {unit}
      </span>
      <input
        type="number"
        aria-label={`${name}, ${words}`}
        min={0}
        max={most}
        step={step}
        value={of[end] ?? ""}
        onInput={(event) => {
          const { value, valueAsNumber } = event.currentTarget;
          if (value === "") onChange({ ...of, [end]: null });
          else if (valueAsNumber >= 0 && valueAsNumber <= most)
            onChange({ ...of, [end]: valueAsNumber });
        }}
      />
    </label>
  );
  return (
    <fieldset class="bounds">
      <legend>{name}</legend>
      {field("from", t("settings.atLeast"))}
      {field("to", t("settings.atMost"))}
    </fieldset>
  );
}

/** A range in another unit; 0.29 × 100 is 29, not 28.999999999999996. */
function scaled({ from, to }: Range, by: number): Range {
  const one = (value: number | null) =>
    value === null ? null : Math.round(value * by * 1e6) / 1e6;
  return { from: one(from), to: one(to) };
}
