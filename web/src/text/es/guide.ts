import type { guide as source } from "../en/guide";
import { translation } from "../form";

export const guide = translation<typeof source>()({});
