import type { names as source } from "../en/names";
import { translation } from "../form";

export const names = translation<typeof source>()({});
