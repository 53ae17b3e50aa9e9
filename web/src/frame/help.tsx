/** The list of keyboard shortcuts. */

import { Dialog } from "../components/dialog";
import { GLOSSARY_PATH } from "../components/term";
import { LISTED } from "../pages/registry";
import { href } from "../routing/address";
import { HOW_IT_WORKS_PATH } from "../routing/links";
import { t } from "../text/catalogue";

interface Props {
  enabled: boolean;
  onClose: () => void;
}

const shortcuts = (): readonly (readonly [string, string])[] => [
  ["/", t("frame.keySearch")],
  ["j, k", t("frame.keyNext")],
  ["Enter", t("frame.keyOpen")],
  ["c", t("frame.keyCopy")],
  ["Esc", t("frame.keyClose")],
  ...LISTED.map(({ key, title }) => [key, t(title)] as const),
  ["u", t("frame.keyZone")],
  ["t", t("frame.keyTheme")],
  ["?", t("frame.keyHelp")],
];

export function Help({ enabled, onClose }: Props) {
  return (
    <Dialog id="help" class="detail small" title={t("frame.keyboard")} onClose={onClose}>
      {!enabled && <p class="warning">{t("frame.keysOff")}</p>}
      <dl class="shortcuts">
        {shortcuts().map(([keys, does]) => (
          <div key={keys}>
            <dt>
              <kbd>{keys}</kbd>
            </dt>
            <dd>{does}</dd>
          </div>
        ))}
      </dl>
      <p class="muted">
        {t("frame.arrows")} <a href={href(HOW_IT_WORKS_PATH)}>{t("guide.title")}</a> ·{" "}
        <a href={href(GLOSSARY_PATH)}>{t("glossary.title")}</a> ·{" "}
        <a href="./third_party.txt">{t("frame.licences")}</a>.
      </p>
    </Dialog>
  );
}
