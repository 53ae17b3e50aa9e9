import type { reports as source } from "../en/reports";
import { translation } from "../form";

export const reports = translation<typeof source>()({});
