/** Filters that are saved in this browser: a list in the toolbar, and their names and links. */

import { useState } from "preact/hooks";

import { copyText } from "../../../browser/clipboard";
import { Icon } from "../../../components/icons";
import { go, replace } from "../../../routing/address";
import { readView, signalsHref, type View } from "../../../routing/view";
import { LONGEST_NAME, MOST_FILTERS, type SavedFilter } from "../../../state/stored_values";
import type { Preferences } from "../../../state/preferences";
import { t } from "../../../text/catalogue";
import { oneLine } from "../../../values/one_line";

/** The link to a saved filter; it has its name. */
export function filterHref({ name, query }: SavedFilter): string {
  return signalsHref({ ...readView(new URLSearchParams(query)), name });
}

/** A view as it is saved: without what a link to it leaves out, and without its name. */
export function saved(name: string, view: View): SavedFilter {
  const [, query = ""] = signalsHref({ ...view, name: null }).split("?", 2);
  return { name, query };
}

interface ListProps {
  filters: readonly SavedFilter[];
  /** The name that the address has. */
  name: string | null;
}

/** Nothing, while none is saved and the address names none. */
export function SavedFilters({ filters, name }: ListProps) {
  if (filters.length === 0 && name === null) return null;
  const isSaved = filters.some((one) => one.name === name);
  return (
    <span class="select">
      <select
        aria-label={t("settings.savedFilter")}
        value={name ?? ""}
        onChange={(event) => {
          const chosen = filters.find((one) => one.name === event.currentTarget.value);
          go(chosen === undefined ? signalsHref() : filterHref(chosen));
        }}
      >
        <option value="">{t("settings.saved")}</option>
        {name !== null && !isSaved && (
          <option value={name}>{t("settings.notSaved", { name })}</option>
        )}
        {filters.map((one) => (
          <option key={one.name} value={one.name}>
            {one.name}
          </option>
        ))}
      </select>
    </span>
  );
}

interface SavingProps {
  view: View;
  preferences: Preferences;
}

export function Saving({ view, preferences }: SavingProps) {
  const { filters } = preferences;
  const [name, setName] = useState(view.name ?? "");
  const [copied, setCopied] = useState<string | null>(null);
  const named = oneLine(name);
  const full = filters.length >= MOST_FILTERS && !filters.some((one) => one.name === named);
  const save = () => {
    const one = saved(named, view);
    preferences.set("filters", [...filters.filter((other) => other.name !== named), one]);
    replace(filterHref(one));
  };
  const copy = async (one: SavedFilter) => {
    const done = await copyText(new URL(filterHref(one), document.baseURI).href);
    setCopied(done ? t("settings.linkCopied", { name: one.name }) : t("settings.linkNotCopied"));
  };
  const remove = (one: SavedFilter) =>
    preferences.set(
      "filters",
      filters.filter((other) => other !== one),
    );
  return (
    <>
      <form
        class="inline"
        onSubmit={(event) => {
          event.preventDefault();
          if (named !== "" && !full) save();
        }}
      >
        <label>
          <span class="muted">{t("settings.filterName")}</span>
          <input
            name="filter"
            maxLength={LONGEST_NAME}
            value={name}
            onInput={(event) => setName(event.currentTarget.value)}
          />
        </label>
        <button class="button" type="submit" disabled={named === "" || full}>
          {t("settings.save")}
        </button>
      </form>
      {full && <p class="muted note">{t("settings.mostFilters", { n: MOST_FILTERS })}</p>}
      <ul class="saved-filters">
        {filters.map((one) => (
          <li key={one.name}>
            <a href={filterHref(one)}>{one.name}</a>
            <button
              class="button small"
              type="button"
              aria-label={t("settings.copyLink", { name: one.name })}
              onClick={() => void copy(one)}
            >
              <Icon name="copy" />
            </button>
            <button
              class="button small"
              type="button"
              aria-label={t("settings.removeNamed", { name: one.name })}
              onClick={() => remove(one)}
            >
              <Icon name="close" />
            </button>
          </li>
        ))}
      </ul>
      <p class="muted note" role="status">
        {copied}
      </p>
    </>
  );
}
