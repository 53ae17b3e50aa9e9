/** Before each file of tests, as before the page: the texts are loaded. */

import { setLanguage } from "../src/text/catalogue";

await setLanguage("en");
