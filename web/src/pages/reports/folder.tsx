/** The reports in the folder of the machine that the dashboard runs on. */

import { fetchReportFiles } from "../../api/reports";
import { Card, Loaded, Nothing } from "../../components/card";
import { Meaning } from "../../components/term";
import { useResource } from "../../state/resource";
import { t } from "../../text/catalogue";
import { bytes, shortTime, type Zone } from "../../values/format";

interface Props {
  folder: string;
  zone: Zone;
  onOpen: (name: string) => void;
}

export function Folder({ folder, zone, onOpen }: Props) {
  const files = useResource(folder, (cancel) => fetchReportFiles(folder, cancel));
  return (
    <Card
      title={t("reports.folder")}
      class="full"
      aside={
        <button class="button small" type="button" onClick={files.reload}>
          {t("reports.reload")}
        </button>
      }
    >
      <Loaded of={files} rows={3}>
        {(found) =>
          found.length === 0 ? (
            <Nothing>
              <Meaning text={t("reports.none")} />
            </Nothing>
          ) : (
            <ul class="report-files">
              {found.map((file) => (
                <li key={file.name}>
                  <button class="button small" type="button" onClick={() => onOpen(file.name)}>
                    {file.name}
                  </button>
                  <span class="muted">
                    {shortTime(file.time, zone)} · {bytes(file.bytes)}
                  </span>
                </li>
              ))}
            </ul>
          )
        }
      </Loaded>
    </Card>
  );
}
