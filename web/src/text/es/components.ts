import type { components as source } from "../en/components";
import { translation } from "../form";

export const components = translation<typeof source>()({});
