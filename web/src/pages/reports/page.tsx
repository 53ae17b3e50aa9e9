/** Reports of backtests and of evidence, opened from a file or from the folder of this machine. */

import { useEffect, useRef, useState } from "preact/hooks";

import { fetchReport, MOST_BYTES, readReport, type Report } from "../../api/reports";
import { Boundary } from "../../components/boundary";
import { Card } from "../../components/card";
import { Meaning } from "../../components/term";
import { rich, t } from "../../text/catalogue";
import type { PageProps } from "../props";
import { BacktestView } from "./backtest";
import { EvidenceView } from "./evidence";
import { Folder } from "./folder";
import "./reports.css";

interface Opened {
  /** Which of those that were opened it is. */
  readonly at: number;
  readonly name: string;
  readonly report: Report | null;
  readonly error: string | null;
}

export function ReportsPage({ title, config, preferences }: PageProps) {
  const [opened, setOpened] = useState<Opened | null>(null);
  const reading = useRef<AbortController | null>(null);
  const count = useRef(0);
  useEffect(() => () => reading.current?.abort(), []);
  const open = (name: string, load: (cancel: AbortSignal) => Promise<Report>) => {
    reading.current?.abort();
    const cancel = new AbortController();
    reading.current = cancel;
    count.current += 1;
    const at = count.current;
    const show = (next: Opened) => !cancel.signal.aborted && setOpened(next);
    load(cancel.signal)
      .then((report) => show({ at, name, report, error: null }))
      .catch((failure: Error) => show({ at, name, report: null, error: failure.message }));
  };
  const { zone } = preferences;
  const folder = config.reportsUrl;
  return (
    <main class="page">
      <div class="page-head">
        <h1>{title}</h1>
      </div>
      <div class="grid">
        <Chooser onFile={(file) => open(file.name, () => readFile(file))} />
        {folder !== null && (
          <Folder
            folder={folder}
            zone={zone}
            onOpen={(name) => open(name, (cancel) => fetchReport(folder, name, cancel))}
          />
        )}
      </div>
      <div role="status" class="opened">
        {opened !== null && opened.report !== null && (
          <p class="note muted">{t("reports.opened", { name: opened.name })}</p>
        )}
      </div>
      {opened !== null && opened.error !== null && (
        <Problem name={opened.name} error={opened.error} />
      )}
      {opened !== null && opened.report !== null && (
        <Boundary
          key={opened.at}
          instead={<Problem name={opened.name} error={t("reports.not_drawn")} />}
        >
          {opened.report.kind === "backtest" ? (
            <BacktestView of={opened.report} zone={zone} />
          ) : (
            <EvidenceView of={opened.report} zone={zone} />
          )}
        </Boundary>
      )}
    </main>
  );
}

function Problem({ name, error }: { name: string; error: string }) {
  return (
    <p class="problem" role="alert">
      {rich("reports.failed", { name: <strong>{name}</strong>, error })}
    </p>
  );
}

async function readFile(file: File): Promise<Report> {
  if (file.size > MOST_BYTES) throw new Error(t("reports.too_large"));
  return readReport(await file.text());
}

function Chooser({ onFile }: { onFile: (file: File) => void }) {
  const [over, setOver] = useState(false);
  const drop = (event: DragEvent) => {
    event.preventDefault();
    setOver(false);
    const file = event.dataTransfer?.files[0];
    if (file !== undefined) onFile(file);
  };
  return (
    <Card title={t("reports.open")} class="full">
      <label
        class={`drop ${over ? "over" : ""}`}
        onDragOver={(event) => {
          event.preventDefault();
          setOver(true);
        }}
        onDragLeave={() => setOver(false)}
        onDrop={drop}
      >
        <span>{t("reports.choose")}</span>
        <input
          type="file"
          accept=".json,application/json"
          onChange={(event) => {
            const file = event.currentTarget.files?.[0];
            if (file !== undefined) onFile(file);
            event.currentTarget.value = "";
          }}
        />
      </label>
      <p class="note muted">
        <Meaning text={t("reports.about")} />
      </p>
    </Card>
  );
}
