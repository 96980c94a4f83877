// A workflow as a Mermaid flowchart. Ids are ours and labels are escaped: no name can end a label.
import { type Box, type Picture, runText } from "./graph.ts";

const shapes: Record<string, [string, string]> = {
  TRIGGER: ["([", "])"],
  "FLOW.IF": ["{", "}"],
  "FLOW.SWITCH": ["{", "}"],
  "FLOW.MERGE": ["{{", "}}"],
  "FLOW.FOR_EACH": ["[[", "]]"],
  "FLOW.SUB_WORKFLOW": ["[[", "]]"],
  "FLOW.STOP": ["((", "))"],
  AI_AGENT: ["[/", "\\]"],
  HUMAN_IN_THE_LOOP: ["[\\", "/]"],
  MEMORY: ["[(", ")]"],
};

const colours: Record<string, string> = {
  success: "fill:#d3f2dc,stroke:#1a7f37,color:#0b3d1c",
  error: "fill:#ffdcd7,stroke:#b42318,color:#5c110a,stroke-width:3px",
  running: "fill:#d7e8ff,stroke:#1f5fbf,color:#0c2a57",
  waiting: "fill:#fff1c9,stroke:#96690a,color:#4a3405",
  skipped: "fill:#eceef1,stroke:#6b7280,color:#374151,stroke-dasharray:4 3",
  disabled: "stroke-dasharray:2 3,opacity:0.6",
};

export function mermaid(picture: Picture, theme: "auto" | "light" | "dark" = "auto"): string {
  const lines = [
    "---",
    `title: ${JSON.stringify(oneLine(picture.title).replace(/[^\p{L}\p{N}\p{M} ._()-]/gu, " "))}`,
    "---",
    ...(theme === "auto" ? [] : [`%%{init: {"theme": "${theme === "dark" ? "dark" : "default"}"}}%%`]),
    "flowchart LR",
  ];
  picture.boxes.forEach((box, i) => {
    const [open, close] = shapes[`${box.type}.${box.subtype}`] ?? shapes[box.type] ?? ["[", "]"];
    const status = box.run ? `<br/>${escape(runText(box.run))}` : box.disabled ? "<br/>disabled" : "";
    lines.push(`  n${i}${open}"${escape(box.name)}${status}"${close}`);
    const name = classOf(box);
    if (name) lines.push(`  class n${i} ${name}`);
    box.parts.forEach((part, j) => {
      const [from, to] = part.kind === "MEMORY" ? ["[(", ")]"] : ["(", ")"];
      lines.push(`  n${i}p${j}${from}"${escape(part.name)}"${to}`, `  n${i} -.- n${i}p${j}`);
    });
  });
  for (const { source, target, label, isError, isTaken } of picture.arrows) {
    const arrow = isTaken ? "==>" : isError ? "-.->" : "-->";
    lines.push(`  n${source} ${arrow}${label === "" ? "" : `|"${escape(label)}"|`} n${target}`);
  }
  for (const [name, style] of Object.entries(colours)) lines.push(`  classDef ${name} ${style}`);
  return lines.join("\n") + "\n";
}

export function classOf(box: Box): string {
  switch (box.run?.status) {
    case "SUCCESS":
      return "success";
    case "ERROR":
      return "error";
    case "RUNNING":
    case "RETRYING":
      return "running";
    case "PENDING":
    case "WAITING_INPUT":
      return "waiting";
    case "SKIPPED":
    case "CANCELED":
      return "skipped";
  }
  return box.disabled ? "disabled" : "";
}

function oneLine(text: string): string {
  // deno-lint-ignore no-control-regex
  return text.toWellFormed().replace(/[\s\u0000-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2066-\u2069]+/g, " ")
    .trim();
}

function escape(text: string): string {
  const line = [...oneLine(text)];
  const short = line.length > 60 ? [...line.slice(0, 59), "…"] : line;
  const escaped = short.map((character) =>
    /[ -~]/.test(character) && !/[A-Za-z0-9 ._-]/.test(character) ? `#${character.codePointAt(0)};` : character
  ).join("");
  // "1. Fetch" and "- Fetch" are lists to Mermaid, which it refuses to draw
  return escaped.replace(/^(\d*)([.-])/, (_, digits, mark) => `${digits}#${mark.codePointAt(0)};`) || " ";
}
