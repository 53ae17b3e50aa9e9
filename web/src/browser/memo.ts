/** A component that is drawn again only when `same` finds its properties different. */

import { Component, createElement, type ComponentType, type FunctionComponent } from "preact";

export function memo<P extends object>(
  inner: FunctionComponent<P>,
  same: (was: Readonly<P>, is: Readonly<P>) => boolean,
): ComponentType<P> {
  return class Memo extends Component<P> {
    override shouldComponentUpdate(next: Readonly<P>): boolean {
      return !same(this.props, next);
    }

    override render() {
      return createElement(inner, this.props);
    }
  };
}
