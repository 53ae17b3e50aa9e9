/** The navigation: beside the brand, or along the bottom of a phone. */

import { Icon } from "../components/icons";
import { PAGES, type PageEntry } from "../pages/registry";
import { href } from "../routing/address";

export function Nav({ page }: { page: PageEntry }) {
  return (
    <nav class="nav" aria-label="Pages">
      {PAGES.map((one) => (
        <a key={one.path} href={href(one.path)} aria-current={one === page ? "page" : undefined}>
          <Icon name={one.icon} />
          {one.short === undefined ? (
            <span>{one.title}</span>
          ) : (
            <>
              <span class="long">{one.title}</span>
              <span class="short">{one.short}</span>
            </>
          )}
        </a>
      ))}
    </nav>
  );
}
