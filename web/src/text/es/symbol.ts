import type { symbol as source } from "../en/symbol";
import { translation } from "../form";

export const symbol = translation<typeof source>()({});
