/** The notice that an address names no page; the first page is shown in its place. */

import { t } from "../text/catalogue";

export function UnknownPage({ path }: { path: string }) {
  return (
    <p class="banner update" role="status">
      {t("frame.noPage", { path: path.slice(0, 60) })}
    </p>
  );
}
