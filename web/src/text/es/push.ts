import type { email as emailSource, push as source } from "../en/push";
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
  digest: "Resumen tras el silencio",
  digestNote: "Un mensaje con lo que llegó en esas horas, cuando terminan",
  quietFrom: "Silencio desde",
  quietTo: "Silencio hasta",
});

export const email = translation<typeof emailSource>()({
  title: "Señales por correo",
  full: "La lista está llena: ahora no se pueden suscribir más direcciones.",
  note: "Primero llega un correo con un enlace; hasta confirmarlo no se envía ni se guarda nada más.",
  receives: "Lo que se recibe por correo",
  address: "Dirección de correo",
  ask: "Enviarme el enlace",
  sent: "Si esta dirección se puede suscribir, va en camino un correo con un enlace para confirmarla. Vale 48 horas.",
  closed: "Aquí ya no se ofrecen señales por correo.",
  many: "Demasiadas peticiones, o la lista está llena. Inténtelo más tarde.",
  refused: "Esta dirección no se ha aceptado.",
});
