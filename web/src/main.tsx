/** Entry point: load the configuration, then show the page. */

import { render } from "preact";

// Before the modules, so that the styles of a page come after these.
import "./styles/fonts.css";
import "./styles/base.css";
import "./styles/frame.css";
import "./styles/controls.css";
import "./styles/placeholders.css";
import "./styles/table.css";
import "./styles/detail.css";
import "./styles/cards.css";
import "./styles/charts.css";
import "./styles/terms.css";

import { loadConfig } from "./api/config";
import { App } from "./app";
import { install } from "./browser/install";
import { Broken } from "./frame/broken";
import { pageAt } from "./pages/registry";
import { currentAddress } from "./routing/address";
import { chosenLanguage, show } from "./state/preferences";

const root = document.getElementById("app");
if (root === null) throw new Error("index.html has no #app");

const page = pageAt(currentAddress().page);
const code = page.code.load().catch(() => undefined); // the page's place says what is missing
const shown = Promise.all([show(chosenLanguage()), code]);
// The reason of a failure is in the language of the page: asked again once its texts are there.
const loaded = loadConfig().catch(() => shown.then(loadConfig));
loaded.then(
  (config) => shown.then(() => render(<App config={config} />, root)),
  (error: Error) => shown.then(() => render(<Broken reason={error.message} />, root)),
);
install();
