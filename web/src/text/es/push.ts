import type { push as source } from "../en/push";
import { translation } from "../form";

export const push = translation<typeof source>()({
  switch: "Notificaciones push",
  loading: "Consultando el sistema…",
  off: "También con esta página cerrada",
  ready: "También con esta página cerrada; la clase anterior se omite entonces",
  install:
    "En este dispositivo, solo para páginas instaladas: Compartir y después Añadir a pantalla de inicio",
  unsupported: "Este navegador no las tiene aquí: requieren HTTPS o localhost",
  denied: "Bloqueadas por el navegador; se permiten en los permisos del sitio",
  unconfigured: "Este sistema no envía ninguna: su operador debe añadir una clave",
  refused: "El navegador no lo permitió, o no se puede acceder a su servicio push.",
  receives: "Lo que se recibe por push",
  symbols: "Símbolos",
  allSymbols: "todos",
  score: "Puntuación desde",
  any: "cualquiera",
  openings: "Aperturas",
  closings: "Cierres",
  loud_on: "con sonido",
  loud_silent: "en silencio",
  loud_off: "no",
  quiet: "Horas de silencio",
  quietNote: "Nada en estas horas de {zone}",
  quietFrom: "Silencio desde",
  quietTo: "Silencio hasta",
});
