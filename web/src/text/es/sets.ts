import type { sets as source } from "../en/sets";
import { translation } from "../form";

export const sets = translation<typeof source>()({
  title: "Conjuntos de parámetros",
  scrollable: "Conjuntos de parámetros, desplazable",
  set: "Conjunto",
  status: "Estado",
  closed: "Cerradas (N)",
  winRate: "Aciertos, 95 %",
  mean: "Media neta, 95 %",
  sum: "Suma neta",
  open: "Abiertas ahora",
  last: "Última señal",
  status_live: "En vivo",
  status_shadow: "En sombra",
  status_parked: "Apartado",
  status_off: "Apagado",
  since: "desde el {time}",
  range: "{low} a {high}",
  note: "Los rendimientos son netos, en porcentaje de la entrada, del código y los parámetros actuales de cada conjunto; los conjuntos no se suman nunca. Atenuado: menos de 30 señales cerradas, que no dicen casi nada.",
  another: "`signalengine strategy shadow NAME` prueba otro conjunto a su lado.",
  equity: "Curva de capital de cada uno",
  noneClosed: "Aún no se ha cerrado ninguna señal.",
});
