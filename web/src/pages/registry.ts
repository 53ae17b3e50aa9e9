/** The pages: a page is a folder beside this file, and a row here. */

import type { IconName } from "../components/icons";
import { GLOSSARY_PATH } from "../components/term";
import { HOW_IT_WORKS_PATH } from "../routing/links";
import { PERFORMANCE_PATH, REPORTS_PATH } from "../routing/study";
import { SYMBOLS_PATH } from "../routing/symbol";
import { SIGNALS_PATH } from "../routing/view";
import type { PlainKey } from "../text/catalogue";
import { bundled, separate, type Code } from "./code";
import { OverviewPage } from "./overview/page";
import { SignalsPage } from "./signals/page";

export interface PageEntry {
  /** First segment of the address. */
  readonly path: string;
  /** Former paths: links to them still open the page. */
  readonly aliases?: readonly string[];
  /** The text shown in the navigation, the help, the window's title and the page's heading. */
  readonly title: PlainKey;
  /** The name in the navigation of a phone, where the title is too long. */
  readonly short?: PlainKey;
  readonly icon: IconName;
  /** The keyboard shortcut; null: the page is not in the navigation, other pages link to it. */
  readonly key: string | null;
  readonly code: Code;
}

/** In the order of the navigation. */
export const PAGES: readonly [PageEntry, ...PageEntry[]] = [
  { path: "", title: "overview.title", icon: "home", key: "1", code: bundled(OverviewPage) },
  {
    path: SIGNALS_PATH,
    title: "signals.title",
    icon: "pulse",
    key: "2",
    code: bundled(SignalsPage),
  },
  {
    path: SYMBOLS_PATH,
    title: "symbol.title",
    short: "symbol.short",
    icon: "candles",
    key: "7",
    code: separate(async () => (await import("./symbol/page")).SymbolPage),
  },
  {
    path: PERFORMANCE_PATH,
    title: "performance.title",
    short: "performance.short",
    icon: "chart",
    key: "3",
    code: separate(async () => (await import("./performance/page")).PerformancePage),
  },
  {
    path: "strategies",
    title: "strategies.title",
    short: "strategies.short",
    icon: "layers",
    key: "4",
    code: separate(async () => (await import("./strategies/page")).StrategiesPage),
  },
  {
    path: "system",
    aliases: ["dashboard"],
    title: "system.title",
    icon: "gauge",
    key: "5",
    code: separate(async () => (await import("./system/page")).SystemPage),
  },
  {
    path: "chat",
    title: "chat.title",
    icon: "chat",
    key: "6",
    code: separate(async () => (await import("./chat/page")).ChatPage),
  },
  {
    path: REPORTS_PATH,
    title: "reports.title",
    icon: "layers",
    key: null,
    code: separate(async () => (await import("./reports/page")).ReportsPage),
  },
  {
    path: HOW_IT_WORKS_PATH,
    title: "guide.title",
    icon: "search",
    key: null,
    code: separate(async () => (await import("./how_it_works/page")).HowItWorksPage),
  },
  {
    path: GLOSSARY_PATH,
    title: "glossary.title",
    icon: "chat",
    key: null,
    code: separate(async () => (await import("./glossary/page")).GlossaryPage),
  },
  {
    path: "settings",
    title: "settings.title",
    icon: "sliders",
    key: null,
    code: separate(async () => (await import("./settings/page")).SettingsPage),
  },
];

/** A page of the navigation. */
export type ListedPage = PageEntry & { readonly key: string };

/** The pages of the navigation. */
export const LISTED = PAGES.filter((page): page is ListedPage => page.key !== null);

/** Whether a path is a page's, or was. */
export function isPage(path: string): boolean {
  return PAGES.some((page) => page.path === path || page.aliases?.includes(path));
}

/** The page at a path; the first page for an unknown one. */
export function pageAt(path: string, pages: typeof PAGES = PAGES): PageEntry {
  return pages.find((page) => page.path === path || page.aliases?.includes(path)) ?? pages[0];
}
