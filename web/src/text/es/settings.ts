import type { settings as source } from "../en/settings";
import { translation } from "../form";

export const settings = translation<typeof source>()({});
