/** The code of a page: a part of the first file, or a file of its own. */

import type { ComponentType } from "preact";

import type { PageProps } from "./props";

type PageComponent = ComponentType<PageProps>;

export interface Code {
  /** Null until it is loaded. */
  readonly component: PageComponent | null;
  /** Load the component; after a failure the next call tries again. */
  load(): Promise<void>;
}

/** Code that comes with the frame. */
export function bundled(component: PageComponent): Code {
  return { component, load: () => Promise.resolve() };
}

/** Code that is loaded when it is needed. */
export function separate(load: () => Promise<PageComponent>): Code {
  let component: PageComponent | null = null;
  let loading: Promise<void> | null = null;
  const begin = async () => {
    try {
      component = await load();
    } finally {
      loading = null;
    }
  };
  return {
    get component() {
      return component;
    },
    load: () => (component === null ? (loading ??= begin()) : Promise.resolve()),
  };
}
