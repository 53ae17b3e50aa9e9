import { expect, it } from "vitest";

import { sectionOf } from "../../../src/pages/settings/markdown";

const DOCUMENT = `# Title

## One thing

**Meaning:** a [link](a.md#x) and
\`code\`.

* first
  goes on
* second

\`\`\`bash
# a comment

run *it*
\`\`\`

| name | what |
|---|---|
| \`a\` | b |

## Other

Text.
`;

it("a section has its paragraphs, lists, tables and code", () =>
  expect(sectionOf(DOCUMENT, "one-thing")).toEqual({
    title: "One thing",
    blocks: [
      { kind: "text", lines: ["Meaning: a link and", "`code`."] },
      { kind: "list", lines: ["first goes on", "second"] },
      { kind: "code", lines: ["# a comment", "", "run *it*"] },
      { kind: "list", lines: ["`a`: b"] },
    ],
  }));

it("there is none of another anchor", () => {
  expect(sectionOf(DOCUMENT, "other")?.blocks).toHaveLength(1);
  expect(sectionOf(DOCUMENT, "third")).toBeNull();
  expect(sectionOf("", "")).toBeNull();
});
