/** Shows something else in place of what cannot be drawn. */

import { Component, type ComponentChildren } from "preact";

interface Props {
  instead: ComponentChildren;
  children: ComponentChildren;
}

interface State {
  readonly failed: boolean;
}

/** Give it a new `key` for new content: it does not try again. */
export class Boundary extends Component<Props, State> {
  override state: State = { failed: false };

  static override getDerivedStateFromError(): State {
    return { failed: true };
  }

  override render({ instead, children }: Props, { failed }: State) {
    return <>{failed ? instead : children}</>;
  }
}
