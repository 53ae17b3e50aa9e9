import type { settings as source } from "../en/settings";
import { translation } from "../form";

export const settings = translation<typeof source>()({
  inBrowser: "Todo lo que se guarda en este navegador",
  rewardDown: "Mayor beneficio por riesgo",
  rewardUp: "Menor beneficio por riesgo",
  filters: "Filtros y columnas",
  reward: "Beneficio por riesgo",
  signalOf: "esta señal de {symbol}",
  starredSymbol: "símbolo favorito",
  columnsNote:
    "El orden es el de la tabla ancha; en una pantalla estrecha cada señal es una tarjeta.",
  usualColumns: "Columnas habituales",
  moveUp: "Subir {column}",
  moveDown: "Bajar {column}",
  ranges: "Filtros",
  saved: "Filtros guardados",
  columns: "Columnas",
  rewardNote:
    "R es la distancia de la entrada al stop; el beneficio es la distancia al objetivo más lejano.",
  onlyStarred: "Solo señales favoritas y las de símbolos favoritos",
  atLeast: "como mínimo",
  atMost: "como máximo",
  savedFilter: "Filtro guardado",
  notSaved: "{name} (sin guardar)",
  linkCopied: "El enlace a «{name}» está copiado.",
  linkNotCopied: "El navegador no copió el enlace.",
  filterName: "Nombre de los filtros elegidos ahora",
  save: "Guardar",
  mostFilters: "Se guardan {n} como máximo: primero hay que quitar uno.",
  copyLink: "Copiar el enlace a {name}",
  removeNamed: "Quitar {name}",
  thisSignal: "esta señal",
  signal: "Señal",
  star: "Marcar {of}",
  unstar: "Quitar la marca de {of}",
  soundNew: "Sonido de señales nuevas",
  soundNewNote:
    "Tono ascendente: largo. Tono descendente: corto. Tras cargar la página, el navegador solo reproduce sonidos desde el primer clic o tecla.",
  soundEnded: "Sonido de señales que terminan",
  soundEndedNote: "Dos tonos iguales",
  soundStarred: "Sonidos solo de símbolos favoritos",
  starredNow: "Favoritos ahora: {n}",
  soundScore: "Sonidos desde esta puntuación, en porcentaje",
  soundWaits:
    "Los sonidos están activados; el navegador los reproduce tras un clic o una tecla en esta página.",
  noFile: "Este archivo no contiene preferencias de este panel.",
  taken: "Tomados del archivo: {n} ajustes.",
  fileNote:
    "Pantalla, sonidos, favoritos, columnas y filtros guardados, en JSON. Un archivo reemplaza lo que nombra. Nunca contiene claves de acceso.",
  export: "Exportar",
  import: "Importar",
});
