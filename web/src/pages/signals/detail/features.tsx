/** The features at the close, of every interval: the inputs of the score. */

import type { Explained } from "../../../api/explain";
import { title } from "../../../values/names";
import { short } from "./events";

export function Features({ features }: Pick<Explained, "features">) {
  if (features.length === 0) return null;
  const names = [...new Set(features.flatMap(([, values]) => values.map(([name]) => name)))];
  const columns = features.map(([interval, values]) => [interval, new Map(values)] as const);
  return (
    <details class="features">
      <summary>Features at the close</summary>
      <div class="scrolled" tabIndex={0} role="region" aria-label="Features at the close">
        <table class="plain">
          <thead>
            <tr>
              <th scope="col">Feature</th>
              {columns.map(([interval]) => (
                <th key={interval} scope="col" class="numeric">
                  {interval}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {names.map((name) => (
              <tr key={name}>
                <th scope="row">{title(name)}</th>
                {columns.map(([interval, values]) => (
                  <td key={interval} class="numeric">
                    {short(values.get(name) ?? null)}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </details>
  );
}
