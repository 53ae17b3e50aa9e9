/** The pages: a page is a folder beside this file, and a row here. */

import type { ComponentType } from "preact";

import type { IconName } from "../components/icons";
import { PERFORMANCE_PATH, REPORTS_PATH } from "../routing/study";
import { SIGNALS_PATH } from "../routing/view";
import type { PlainKey } from "../text/catalogue";
import { ChatPage } from "./chat/page";
import { OverviewPage } from "./overview/page";
import { PerformancePage } from "./performance/page";
import type { PageProps } from "./props";
import { ReportsPage } from "./reports/page";
import { SignalsPage } from "./signals/page";
import { StrategiesPage } from "./strategies/page";
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
  /** The keyboard shortcut. */
  readonly key: string;
  /** Not in the navigation: another page links to it. */
  readonly unlisted?: true;
  readonly component: ComponentType<PageProps>;
}

/** In the order of the navigation. */
export const PAGES: readonly [PageEntry, ...PageEntry[]] = [
  { path: "", title: "overview.title", icon: "home", key: "1", component: OverviewPage },
  { path: SIGNALS_PATH, title: "signals.title", icon: "pulse", key: "2", component: SignalsPage },
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
    key: "r",
    component: ReportsPage,
    unlisted: true,
  },
];

/** Whether a path is a page's, or was. */
export function isPage(path: string): boolean {
  return PAGES.some((page) => page.path === path || page.aliases?.includes(path));
}

/** The page at a path; the first page for an unknown one. */
export function pageAt(path: string, pages: typeof PAGES = PAGES): PageEntry {
  return pages.find((page) => page.path === path || page.aliases?.includes(path)) ?? pages[0];
}
