/** The pages: a page is a folder beside this file, and a row here. */

import type { ComponentType } from "preact";

import type { IconName } from "../components/icons";
import { GLOSSARY_PATH } from "../components/term";
import { HOW_IT_WORKS_PATH } from "../routing/links";
import { PERFORMANCE_PATH, REPORTS_PATH } from "../routing/study";
import { SYMBOLS_PATH } from "../routing/symbol";
import { SIGNALS_PATH } from "../routing/view";
import type { PlainKey } from "../text/catalogue";
import { ChatPage } from "./chat/page";
import { GlossaryPage } from "./glossary/page";
import { HowItWorksPage } from "./how_it_works/page";
import { OverviewPage } from "./overview/page";
import { PerformancePage } from "./performance/page";
import type { PageProps } from "./props";
import { ReportsPage } from "./reports/page";
import { SettingsPage } from "./settings/page";
import { SignalsPage } from "./signals/page";
import { StrategiesPage } from "./strategies/page";
import { SymbolPage } from "./symbol/page";
import { SystemPage } from "./system/page";

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
  readonly component: ComponentType<PageProps>;
}

/** In the order of the navigation. */
export const PAGES: readonly [PageEntry, ...PageEntry[]] = [
  { path: "", title: "overview.title", icon: "home", key: "1", component: OverviewPage },
  { path: SIGNALS_PATH, title: "signals.title", icon: "pulse", key: "2", component: SignalsPage },
  {
    path: SYMBOLS_PATH,
    title: "symbol.title",
    short: "symbol.short",
    icon: "candles",
    key: "7",
    component: SymbolPage,
  },
  {
    path: PERFORMANCE_PATH,
    title: "performance.title",
    short: "performance.short",
    icon: "chart",
    key: "3",
    component: PerformancePage,
  },
  {
    path: "strategies",
    title: "strategies.title",
    short: "strategies.short",
    icon: "layers",
    key: "4",
    component: StrategiesPage,
  },
  {
    path: "system",
    aliases: ["dashboard"],
    title: "system.title",
    icon: "gauge",
    key: "5",
    component: SystemPage,
  },
  { path: "chat", title: "chat.title", icon: "chat", key: "6", component: ChatPage },
  {
    path: REPORTS_PATH,
    title: "reports.title",
    icon: "layers",
    key: null,
    component: ReportsPage,
  },
  {
    path: HOW_IT_WORKS_PATH,
    title: "guide.title",
    icon: "search",
    key: null,
    component: HowItWorksPage,
  },
  {
    path: GLOSSARY_PATH,
    title: "glossary.title",
    icon: "chat",
    key: null,
    component: GlossaryPage,
  },
  {
    path: "settings",
    title: "settings.title",
    icon: "sliders",
    key: null,
    component: SettingsPage,
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
