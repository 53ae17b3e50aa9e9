/** The shortcuts, and where more is told. */

import { SHORTCUTS } from "../keys";
import { Dialog } from "./dialog";

interface Props {
  enabled: boolean;
  onClose: () => void;
}

export function Help({ enabled, onClose }: Props) {
  return (
    <Dialog id="help" class="detail small" title="Keyboard" onClose={onClose}>
      {!enabled && <p class="warning">Shortcuts are switched off under Settings.</p>}
      <dl class="shortcuts">
        {SHORTCUTS.map(([keys, does]) => (
          <div key={keys}>
            <dt>
              <kbd>{keys}</kbd>
            </dt>
            <dd>{does}</dd>
          </div>
        ))}
      </dl>
      <p class="muted">
        Arrow keys move between tabs. Signals are not advice; returns are net of fees, slippage and
        funding unless they are called gross.
      </p>
    </Dialog>
  );
}
