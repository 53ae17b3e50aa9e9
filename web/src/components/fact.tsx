/** A name with its value, in a description list. */

import type { ComponentChildren } from "preact";

import { Term } from "./term";

interface Props {
  name: string;
  /** Its anchor in the glossary. */
  term?: string;
  value: ComponentChildren;
}

export function Fact({ name, term, value }: Props) {
  return (
    <div>
      <dt>{term === undefined ? name : <Term of={term}>{name}</Term>}</dt>
      <dd>{value}</dd>
    </div>
  );
}
