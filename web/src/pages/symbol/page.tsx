/** The page of symbols: a list of all of them, their charts side by side, or one in full. */

import { fetchListed, type Listed } from "../../api/market";
import { Loaded } from "../../components/card";
import { Choice } from "../../components/choice";
import { go } from "../../routing/address";
import { isWall, SYMBOLS_PATH, symbolHref, wallHref } from "../../routing/symbol";
import { useResource } from "../../state/resource";
import { t } from "../../text/catalogue";
import { findSymbol, nearest } from "../../values/symbol";
import type { PageProps } from "../props";
import { SymbolChart } from "./chart";
import { Wall } from "./wall";
import { Watchlist } from "./watchlist";
import "./symbol.css";

const EVERY_MS = 300_000;

export function SymbolPage(props: PageProps) {
  const { address, live, title } = props;
  const { client } = live;
  const followed = useResource("symbols", (cancel) => fetchListed(client, cancel), EVERY_MS);
  const written = address.id;
  const wall = isWall(address.query);
  const names = { list: t("symbol.list"), charts: t("symbol.wall") };
  return (
    <main class="page">
      {written === null && (
        <div class="page-head">
          <h1>{title}</h1>
          <Choice
            name={t("symbol.view")}
            value={wall ? "charts" : "list"}
            options={["list", "charts"]}
            names={names}
            onChange={(view) => go(wallHref(view === "charts"))}
          />
        </div>
      )}
      <Loaded of={followed} rows={8}>
        {(known) => {
          if (written === null) {
            return wall ? (
              <Wall {...props} followed={known} />
            ) : (
              <Watchlist {...props} followed={known} />
            );
          }
          const found = findSymbol(written, known.symbols)?.symbol;
          if (found === undefined) return <Unknown written={written} followed={known} />;
          return <SymbolChart key={found} {...props} symbol={found} followed={known} />;
        }}
      </Loaded>
    </main>
  );
}

function Unknown({ written, followed }: { written: string; followed: Listed }) {
  const near = nearest(written, followed.symbols);
  return (
    <div role="alert">
      <h1>{t("symbol.title")}</h1>
      <p class="warning">{t("symbol.notFollowed", { symbol: written })}</p>
      {near.length > 0 && (
        <p>
          {t("symbol.nearest")}{" "}
          {near.map((symbol) => (
            <a key={symbol} class="near" href={symbolHref(symbol)}>
              {symbol}
            </a>
          ))}
        </p>
      )}
      <p>
        <a href={`./${SYMBOLS_PATH}`}>{t("symbol.all")}</a>
      </p>
    </div>
  );
}
