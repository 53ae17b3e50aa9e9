import type { units as source } from "../en/units";
import { translation } from "../form";

export const units = translation<typeof source>()({});
