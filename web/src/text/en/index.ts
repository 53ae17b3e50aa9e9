/** The English texts: the source of every translation. */

import { chat } from "./chat";
import { components } from "./components";
import { detail } from "./detail";
import { frame } from "./frame";
import { glossary } from "./glossary";
import { guide } from "./guide";
import { names } from "./names";
import { overview } from "./overview";
import { performance } from "./performance";
import { reports } from "./reports";
import { settings } from "./settings";
import { signals } from "./signals";
import { strategies } from "./strategies";
import { symbol } from "./symbol";
import { system } from "./system";
import { units } from "./units";

export const en = {
  chat,
  components,
  detail,
  frame,
  glossary,
  guide,
  names,
  overview,
  performance,
  reports,
  settings,
  signals,
  strategies,
  symbol,
  system,
  units,
} as const;
