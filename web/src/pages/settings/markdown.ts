/** A section of a document of this project: paragraphs, lists (tables too) and code. Pure. */

export interface Block {
  readonly kind: "text" | "list" | "code";
  /** Of a list each entry, else each line; code in texts is in backticks. */
  readonly lines: readonly string[];
}

export interface Section {
  readonly title: string;
  readonly blocks: readonly Block[];
}

/** The section of a heading of the second level, by its anchor; null without one. */
export function sectionOf(document: string, anchor: string): Section | null {
  for (const part of document.split(/^## /m).slice(1)) {
    const [title = "", ...lines] = part.split("\n");
    if (anchorOf(title) === anchor) return { title: title.trim(), blocks: blocksOf(lines) };
  }
  return null;
}

function anchorOf(title: string): string {
  return title
    .trim()
    .toLowerCase()
    .replace(/[^\w -]/g, "")
    .replaceAll(" ", "-");
}

function blocksOf(lines: readonly string[]): readonly Block[] {
  const blocks: Block[] = [];
  let open: { kind: Block["kind"]; lines: string[] } | null = null;
  const begin = (kind: Block["kind"]) => {
    open = { kind, lines: [] };
    blocks.push(open);
    return open.lines;
  };
  for (const line of lines) {
    const now = open as { kind: Block["kind"]; lines: string[] } | null;
    const fence = line.startsWith("```");
    if (now?.kind === "code") {
      if (fence) open = null;
      else now.lines.push(line);
    } else if (fence) begin("code");
    else if (line.trim() === "") open = null;
    else if (line.startsWith("|--"))
      now?.lines.pop(); // what is above the rule are the names of a table's columns
    else if (line.startsWith("|")) {
      const cells = line.split("|").map((cell) => plain(cell.trim()));
      (now?.kind === "list" ? now.lines : begin("list")).push(cells.slice(1, -1).join(": "));
    } else if (/^(\*|-|\d+\.) /.test(line)) {
      (now?.kind === "list" ? now.lines : begin("list")).push(plain(line.replace(/^\S+ /, "")));
    } else if (now?.kind === "list") now.lines.push(`${now.lines.pop()} ${plain(line.trim())}`);
    else (now?.kind === "text" ? now.lines : begin("text")).push(plain(line.trim()));
  }
  return blocks;
}

/** A line without emphasis and links. */
function plain(line: string): string {
  return line.replace(/\*\*/g, "").replace(/\[([^\]]*)\]\([^)]*\)/g, "$1");
}
