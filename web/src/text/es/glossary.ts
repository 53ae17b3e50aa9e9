import type { glossary as source } from "../en/glossary";
import { translation } from "../form";

export const glossary = translation<typeof source>()({});
