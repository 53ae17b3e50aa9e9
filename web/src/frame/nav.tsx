/** The navigation: beside the brand, or along the bottom of a phone. */

import { Icon } from "../components/icons";
import { LISTED, type PageEntry } from "../pages/registry";
import { href } from "../routing/address";
import { t } from "../text/catalogue";

export function Nav({ page }: { page: PageEntry }) {
  return (
    <nav class="nav" aria-label={t("frame.pages")}>
      {LISTED.map((one) => (
        <a key={one.path} href={href(one.path)} aria-current={one === page ? "page" : undefined}>
          <Icon name={one.icon} />
          {one.short === undefined ? (
            <span>{t(one.title)}</span>
          ) : (
            <>
              <span class="long">{t(one.title)}</span>
              <span class="short">{t(one.short)}</span>
            </>
          )}
        </a>
      ))}
    </nav>
  );
}
