import type { status as source } from "../en/status";
import { translation } from "../form";

export const status = translation<typeof source>()({
  open: "Abierta",
  tp_hit: "TP alcanzado",
  sl_hit: "SL alcanzado",
  expired: "Expirada",
  left: "Cerrada por la estrategia",
  all: "Todas",
  closed: "Cerradas",
  tabOpen: "Abiertas",
  tabExpired: "Expiradas",
  tabLeft: "Cerradas por la estrategia",
  LONG: "LARGO",
  SHORT: "CORTO",
});
