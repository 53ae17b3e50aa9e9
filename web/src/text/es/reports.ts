import type { reports as source } from "../en/reports";
import { translation } from "../form";

export const reports = translation<typeof source>()({
  title: "Informes",
  open: "Abrir un informe",
  choose: "Elegir un informe (JSON), o soltarlo aquí",
  about:
    "`signalengine backtest --report out.html` escribe out.report.json junto a la página; `signalengine evidence --look` escribe su resultado. El archivo no sale de este navegador: no se envía nada. Las páginas HTML las abre el propio navegador, no esta página.",
  folder: "Informes de esta máquina",
  reload: "Recargar",
  none: "Ningún archivo JSON en la carpeta `reports` donde se inició el sistema.",
  no_list: "No se pudo leer la carpeta de informes.",
  gone: "{name} ya no está en la carpeta.",
  opened: "Abierto: {name}",
  failed: "No se pudo abrir {name}. {error}",
  too_large: "Ocupa más de 20 MB.",
  not_one: "No son los datos de un informe de backtest ni un resultado de evidencia.",
  backtest: "Backtest",
  past: "N = {count} señales cerradas del pasado, {tried} configuraciones probadas: no promete nada sobre lo que venga.",
  no_signals: "El backtest no tiene señales cerradas.",
  evidence_of: "Evidencia: {name}",
  hypothesis: "Hipótesis: {text}",
  invalid: "El resultado no es válido: no se cumple una condición de su registro.",
  yes: "Sí",
  no: "No",
  tried: "Conjuntos de parámetros probados: {tried}.",
  spans: "Tramos",
  span: "Tramo",
  dates: "Fechas",
  mean_net: "Neto medio, 95 %",
});
