/** The tabs: one per status, with its count. Arrow keys move between them. */

import type { TargetedKeyboardEvent } from "preact";

import { TABS, type Tab } from "../../state/listing";
import { t } from "../../text/catalogue";
import { whole } from "../../values/format";
import type { Counts } from "./selection";

export function tabName(tab: Tab): string {
  return t(`status.${TEXTS[tab] ?? tab}`);
}

/** Statuses that are named otherwise of many signals. */
const TEXTS: Partial<Readonly<Record<Tab, "tabOpen" | "tabExpired" | "tabLeft">>> = {
  open: "tabOpen",
  expired: "tabExpired",
  left: "tabLeft",
};

interface Props {
  chosen: Tab;
  counts: Counts;
  onChoose: (tab: Tab) => void;
}

export function Tabs({ chosen, counts, onChoose }: Props) {
  // `classic` leaves no position: the tab comes with the first signal of a strategy that does
  const shown = TABS.filter((tab) => tab !== "left" || tab === chosen || counts.left.n);
  const move = (event: TargetedKeyboardEvent<HTMLElement>) => {
    // From the focused tab: the chosen one changes a moment later, with the address.
    const here = (event.target as HTMLElement).dataset["tab"];
    const next = target(
      event.key,
      shown,
      shown.findIndex((tab) => tab === here),
    );
    if (next === undefined) return;
    event.preventDefault();
    onChoose(next);
    event.currentTarget.querySelector<HTMLElement>(`[data-tab="${next}"]`)?.focus();
  };
  return (
    <div class="tabs" role="tablist" aria-label={t("signals.byStatus")} onKeyDown={move}>
      {shown.map((tab) => (
        <button
          key={tab}
          type="button"
          role="tab"
          id={`tab-${tab}`}
          class={`tab ${tab}`}
          data-tab={tab}
          aria-selected={tab === chosen}
          aria-controls="signals"
          tabIndex={tab === chosen ? 0 : -1}
          onClick={() => onChoose(tab)}
        >
          {tabName(tab)}{" "}
          <span class="count" title={counts[tab].whole ? undefined : t("signals.older")}>
            {counts[tab].n === null ? "–" : whole(counts[tab].n)}
            {!counts[tab].whole && "+"}
          </span>
        </button>
      ))}
    </div>
  );
}

function target(key: string, tabs: readonly Tab[], at: number): Tab | undefined {
  const last = tabs.length - 1;
  if (key === "ArrowRight") return tabs[at === last ? 0 : at + 1];
  if (key === "ArrowLeft") return tabs[at === 0 ? last : at - 1];
  if (key === "Home") return tabs[0];
  if (key === "End") return tabs[last];
  return undefined;
}
