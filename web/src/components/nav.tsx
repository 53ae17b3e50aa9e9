/** The way between pages: beside the brand, and along the bottom of a phone. */

import { href, signalsRoute, DEFAULT_STUDY, type PageName, type Route } from "../route";
import { Icon, type IconName } from "./icons";

interface Place {
  readonly page: PageName;
  readonly name: string;
  readonly icon: IconName;
  readonly route: Route;
}

export const PLACES: readonly Place[] = [
  { page: "overview", name: "Overview", icon: "home", route: { page: "overview" } },
  { page: "signals", name: "Signals", icon: "pulse", route: signalsRoute() },
  {
    page: "performance",
    name: "Performance",
    icon: "chart",
    route: { page: "performance", study: DEFAULT_STUDY },
  },
  { page: "dashboard", name: "Dashboard", icon: "gauge", route: { page: "dashboard" } },
  { page: "chat", name: "Chat", icon: "chat", route: { page: "chat" } },
];

export function Nav({ page }: { page: PageName }) {
  return (
    <nav class="nav" aria-label="Pages">
      {PLACES.map((place) => (
        <a
          key={place.page}
          href={href(place.route)}
          aria-current={place.page === page ? "page" : undefined}
        >
          <Icon name={place.icon} />
          <span>{place.name}</span>
        </a>
      ))}
    </nav>
  );
}
