/** The English texts: the source of every translation. */

import { actions } from "./actions";
import { chat } from "./chat";
import { components } from "./components";
import { detail } from "./detail";
import { errors } from "./errors";
import { frame } from "./frame";
import { glossary } from "./glossary";
import { guide } from "./guide";
import { names } from "./names";
import { overview } from "./overview";
import { performance } from "./performance";
import { email, push } from "./push";
import { reasons } from "./reasons";
import { reports } from "./reports";
import { sets } from "./sets";
import { settings } from "./settings";
import { signals } from "./signals";
import { status } from "./status";
import { strategies } from "./strategies";
import { alerts, symbol } from "./symbol";
import { system } from "./system";
import { terms } from "./terms";

export const en = {
  actions,
  alerts,
  chat,
  components,
  detail,
  email,
  errors,
  frame,
  glossary,
  guide,
  names,
  overview,
  performance,
  push,
  reasons,
  reports,
  sets,
  settings,
  signals,
  status,
  strategies,
  symbol,
  system,
  terms,
} as const;
