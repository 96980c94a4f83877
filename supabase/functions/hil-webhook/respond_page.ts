// respond.html: the page of a question as one static file, for where functions cannot serve HTML. It asks the function
// for the JSON and shows it as the function itself would. `deno run -A supabase/functions/hil-webhook/respond_page.ts`
// writes it anew.
import { sha256Base64 } from "./page.ts";
import { pageStyle } from "./question.ts";

const here = new URL(".", import.meta.url);
export const respondPageFile = new URL("respond.html", here);

/** In the browser: the token is behind #, which no server sees; the function's address is the one thing to set. */
const start = `
const main = document.querySelector("main");
const base = document.querySelector('meta[name="tandem-hil-webhook"]').content.replace(/\\/+$/, "");
const token = decodeURIComponent(location.hash.slice(1));
const link = base + "/respond/" + encodeURIComponent(token);
const show = (title, html) => {
  document.title = title;
  main.innerHTML = html;
  const form = main.querySelector("form");
  if (form) form.addEventListener("submit", send);
  (main.querySelector("#problems") ?? main.querySelector("h1"))?.focus();
};
let question = null;
async function ask(init) {
  const response = await fetch(link, {
    ...init,
    headers: { accept: "application/json", "content-type": "application/json" },
    cache: "no-store",
    credentials: "omit",
    referrerPolicy: "no-referrer",
  });
  return { status: response.status, body: await response.json() };
}
const fail = (error) => show(error?.message ?? "No answer", noticeHtml(error?.message ?? "No answer",
  error?.hint ?? "The server could not be reached. Try again later."));
async function load() {
  if (!/^[a-z2-7]{20,200}$/i.test(token)) return fail({ message: "This link leads nowhere", hint: "Copy all of it." });
  try {
    const { body } = await ask({});
    if (body.error) return fail(body.error);
    question = body;
    show(question.title, questionHtml(question));
  } catch {
    fail(null);
  }
}
async function send(event) {
  event.preventDefault();
  const entries = [...new FormData(event.target, event.submitter)];
  const { answer, problems } = readAnswer(question, entries);
  const again = (found) => show("Please check: " + question.title, questionHtml(question, { problems: found, entries }));
  if (problems.length > 0) return again(problems);
  for (const button of event.target.querySelectorAll("button")) button.disabled = true;
  try {
    const { body } = await ask({ method: "POST", body: JSON.stringify(answer) });
    const { error } = body;
    if (error?.code === "response_invalid") return again(error.details?.problems ?? []);
    if (error?.code === "interaction_decided" || error?.code === "interaction_expired") {
      return show(question.title, outcomeHtml({ ...question, state: "decided", ...error.details }));
    }
    if (error) return fail(error);
    show(question.title, decidedHtml(body, question));
  } catch {
    fail(null);
  }
}
addEventListener("hashchange", () => location.reload());
load();
`;

export async function respondPage(): Promise<string> {
  const parts = (await Deno.readTextFile(new URL("question_page.js", here))).replaceAll(/^export /gm, "");
  const script = `\n${parts}${start}`;
  const policy = `default-src 'none'; script-src '${await sha256Base64(script)}'; style-src '${await sha256Base64(
    pageStyle,
  )}'; connect-src 'self' https: http://127.0.0.1:* http://localhost:*; form-action 'none'; base-uri 'none'`;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="content-security-policy" content="${policy}">
<title>Question</title>
<meta name="viewport" content="width=device-width,initial-scale=1">
<meta name="robots" content="noindex">
<meta name="referrer" content="no-referrer">
<!-- Where the function is: https://<project>.supabase.co/functions/v1/hil-webhook -->
<meta name="tandem-hil-webhook" content="/functions/v1/hil-webhook">
<style>${pageStyle}</style>
</head>
<body>
<main aria-live="polite"><h1>Question</h1><p>Loading…</p><noscript><p>This page needs JavaScript.</p></noscript></main>
<script type="module">${script}</script>
</body>
</html>
`;
}

if (import.meta.main) await Deno.writeTextFile(respondPageFile, await respondPage());
