/** The list of keyboard shortcuts. */

import { Dialog } from "../components/dialog";
import { PAGES } from "../pages/registry";
import { t } from "../text/catalogue";

interface Props {
  enabled: boolean;
  onClose: () => void;
}

const shortcuts = (): readonly (readonly [string, string])[] => [
  ["/", "Search the signals"],
  ["j, k", "Next, previous signal"],
  ["Enter", "Open the signal"],
  ["c", "Copy the open signal"],
  ["Esc", "Close, or leave the search"],
  ...PAGES.map(({ key, title }) => [key, t(title)] as const),
  ["u", "UTC or local time"],
  ["t", "Dark or light theme"],
  ["?", "This help"],
];

export function Help({ enabled, onClose }: Props) {
  return (
    <Dialog id="help" class="detail small" title="Keyboard" onClose={onClose}>
      {!enabled && <p class="warning">Shortcuts are switched off under Settings.</p>}
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
        Arrow keys move between tabs. Signals are not advice. Returns are net of fees, slippage and
        funding unless marked gross. <a href="./third_party.txt">Third-party licences</a>.
      </p>
    </Dialog>
  );
}
