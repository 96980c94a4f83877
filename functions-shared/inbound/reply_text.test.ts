import assert from "node:assert/strict";
import { htmlToText, replyText, stripReply } from "./reply_text.ts";

const said = "Yes, but change the amount to 40.";
const quoted = "> Approve the refund of 50?\n> https://example.com";

Deno.test("what mail programs quote below a reply is not part of it", () => {
  const below = {
    "Gmail": `On Fri, Nov 21, 2026 at 10:02 AM Tandem <hil+abc@example.com> wrote:\n\n${quoted}`,
    "Gmail, folded": `On Fri, Nov 21, 2026 at 10:02 AM Tandem Workflows\n<hil+abc@example.com> wrote:\n${quoted}`,
    "Gmail, folded twice":
      `On Fri, Nov 21, 2026 at 10:02 AM\nTandem Workflows of Example <\nhil+abc@example.com> wrote:`,
    "Apple Mail": `> On 21. Nov 2026, at 10:02, Tandem <hil@example.com> wrote:\n> \n${quoted}`,
    "Apple Mail, no mark": `On 21 Nov 2026, at 10:02, Tandem <hil@example.com> wrote:\n\nApprove the refund of 50?`,
    "Apple Mail's narrow space": `On Nov 21, 2026, at 10:02\u202fAM, Tandem <hil@example.com> wrote:\n${quoted}`,
    "Gmail, German": `Am Fr., 21. Nov. 2026 um 10:02 Uhr schrieb Tandem <hil@example.com>:\n\n${quoted}`,
    "Gmail, German, folded":
      `Am Fr., 21. Nov. 2026 um 10:02 Uhr schrieb Tandem Workflows <\nhil@example.com>:\n${quoted}`,
    "Thunderbird, German": `Am 21.11.26 um 10:02 schrieb Tandem:\n${quoted}`,
    "Apple Mail, German": `Tandem <hil@example.com> schrieb am 21. Nov. 2026 um 10:02:\n${quoted}`,
    "Gmail, French": `Le ven. 21 nov. 2026 à 10:02, Tandem <hil@example.com> a écrit :\n\n${quoted}`,
    "Gmail, Spanish": `El vie, 21 nov 2026 a las 10:02, Tandem (<hil@example.com>) escribió:\n\n${quoted}`,
    "Gmail, Italian": `Il giorno ven 21 nov 2026 alle ore 10:02 Tandem <hil@example.com> ha scritto:\n\n${quoted}`,
    "Gmail, Portuguese": `Em sex., 21 de nov. de 2026 às 10:02, Tandem <hil@example.com> escreveu:\n\n${quoted}`,
    "Gmail, Dutch": `Op vr 21 nov 2026 om 10:02 schreef Tandem <hil@example.com>:\n\n${quoted}`,
    "Gmail, ISO date": `2026-11-21 10:02 GMT+01:00 Tandem <hil@example.com>:\n${quoted}`,
    "Outlook":
      "________________________________\nFrom: Tandem <hil@example.com>\nSent: Friday\nTo: Ann\nSubject: Refund",
    "Outlook without a line":
      "From: Tandem <hil@example.com>\nSent: Friday, November 21, 2026\nTo: Ann\nSubject: x\n\nNo",
    "Outlook, bold": "*From:* Tandem <hil@example.com>\n*Sent:* Friday\n\nNo",
    "Outlook, German":
      "Von: Tandem <hil@example.com>\nGesendet: Freitag, 21. November 2026\nAn: Ann\nBetreff: x\n\nNein",
    "Outlook, French": "De : Tandem <hil@example.com>\nEnvoyé : vendredi 21 novembre 2026\nÀ : Ann\nObjet : x\n\nNon",
    "Outlook, Spanish": "De: Tandem <hil@example.com>\nEnviado el: viernes\nPara: Ann\nAsunto: x\n\nNo",
    "Outlook, Italian": "Da: Tandem <hil@example.com>\nInviato: venerdì\nA: Ann\nOggetto: x\n\nNo",
    "old Outlook": "-----Original Message-----\nFrom: Tandem\n\nreject",
    "old Outlook, German": "-----Ursprüngliche Nachricht-----\nVon: Tandem\n\nNein",
    "forwarded": "---------- Forwarded message ---------\nFrom: Tandem\n\nreject",
  };
  for (const [program, rest] of Object.entries(below)) {
    assert.equal(stripReply(`${said}\n\n${rest}\n`), said, program);
    assert.equal(stripReply(`${said}\r\n\r\n${rest.replaceAll("\n", "\r\n")}`), said, `${program}, CRLF`);
    assert.equal(stripReply(rest), "", `${program}: a quotation alone is no reply`);
  }
});

Deno.test("a signature is not part of a reply, and what stands above one is", () => {
  for (
    const signature of [
      "-- \nAnn Smith\nHead of Refunds",
      "--\nAnn",
      "Sent from my iPhone",
      "Sent from my iPhone\n\n> On 21 Nov 2026, at 10:02, Tandem <hil@example.com> wrote:\n> No?",
      "Sent from Outlook for iOS",
      "Get Outlook for Android",
      "Get Outlook for iOS\n________________________________\nFrom: Tandem\nSent: Friday",
      "Sent from Yahoo Mail on Android",
      "Von meinem iPhone gesendet",
      "Gesendet mit der Outlook-App für iOS\n\nAm 21.11.26 um 10:02 schrieb Tandem:\n> Nein",
      "Envoyé de mon iPhone",
      "Enviado desde mi iPhone",
      "Enviado do meu iPhone",
      "Inviato da iPhone",
      "Verstuurd vanaf mijn iPad",
    ]
  ) assert.equal(stripReply(`${said}\n\n${signature}`), said, signature);
});

Deno.test("what people write stays, also where it looks like what programs add", () => {
  for (
    const text of [
      "From: Berlin\nwe cannot pay.",
      "On reflection, this is what Bob wrote:\nnever refund.",
      "I sent from my iPhone a photo; see it.\nNo.",
      "Sent from my iPhone earlier: a photo.\n\nSo: approve.",
      "no -- not this time",
      "yes\n\n--- really ---\n\nyes",
      "Am I to approve this?",
      "5 > 4, so yes",
    ]
  ) assert.equal(stripReply(text), text);
  assert.equal(stripReply(`> Approve the refund?\nYes.\n> And the amount?\n40`), "Yes.\n40", "between quoted lines");
  assert.equal(stripReply("\ufeffyes\u200b\u00a0please  \n\n\n\n ok"), "yes please\n\n ok");
});

Deno.test("a mail without text gives its HTML's, without what is marked as quoted", () => {
  const reply = "<p>Yes,&nbsp;but <b>40</b> &lt;EUR&gt; &#8364; &eacute;</p>";
  for (
    const quotation of [
      '<div class="gmail_quote gmail_quote_container"><div class="gmail_attr">On ...</div><blockquote>No</blockquote></div>',
      '<blockquote type="cite">No</blockquote>',
      '<div id="appendonsend"></div><hr><div id="divRplyFwdMsg"><b>From:</b> Tandem</div><div>No</div>',
      '<div class="moz-cite-prefix">Am 21.11.26 schrieb Tandem:</div><blockquote type="cite">No</blockquote>',
      '<div class="yahoo_quoted">No</div>',
      "<div>On Fri, Nov 21, 2026 at 10:02 AM Tandem wrote:<br></div><blockquote>No</blockquote>",
    ]
  ) {
    const html = `<html><head><style>p{color:red}</style></head><body>${reply}\n<!-- no -->${quotation}</body></html>`;
    assert.equal(replyText({ text: null, html }), "Yes, but 40 <EUR> € &eacute;", quotation);
  }
  assert.equal(replyText({ text: " \n", html: "<div>a</div><div>b<br>c</div>" }), "a\nb\nc");
  assert.equal(replyText({ text: null, html: null }), "");
  assert.equal(replyText({ text: "text", html: "<p>html</p>" }), "text");
  assert.equal(htmlToText("<script>alert(1)"), "");
});

Deno.test("a hostile mail is read in a moment", () => {
  const started = performance.now();
  for (
    const text of [
      "On ".repeat(30_000),
      "On 1 ".concat("a ".repeat(30_000), "wrote"),
      `${"On 1@ a\n".repeat(10_000)}`,
      "-".repeat(65_000),
      "_".repeat(65_000),
      "Von meinem ".repeat(6_000),
    ]
  ) stripReply(text);
  for (const html of ["<".repeat(260_000), "<!--".repeat(60_000), "<style".repeat(40_000), "<div ".repeat(50_000)]) {
    htmlToText(html);
  }
  const took = performance.now() - started;
  assert.ok(took < 1_000, `took ${Math.round(took)} ms`);
});
