// What a person wrote in a reply: without what mail programs quote below it, and without the signature.

/** The reply in a mail's text, or in its HTML where it has no text. Empty where nothing but a quotation is left. */
export function replyText(mail: { text: string | null; html: string | null }): string {
  return stripReply(mail.text?.trim() ? mail.text : htmlToText(mail.html ?? ""));
}

// Each is the beginning of what the program added; whatever follows is not of this reply.
const attributions = [
  // Gmail, Apple Mail, Thunderbird: "On Fri, 21 Nov 2026 at 10:00, Ann <ann@example.com> wrote:"
  /^On\b.{5,300}\bwrote\s*:$/i,
  /^Am\b.{5,300}\bschrieb\b.{0,200}:$/i,
  /^.{5,200}\bschrieb am\b.{5,100}:$/i,
  /^Le\b.{5,300}\ba écrit\s*:$/i,
  /^El\b.{5,300}\bescribió\s*:$/i,
  /^Il\b.{5,300}\bha scritto\s*:$/i,
  /^(?:Em|A)\b.{5,300}\bescreveu\s*:$/i,
  /^Op\b.{5,300}\bschreef\b.{0,200}:$/i,
  // "2026-11-21 10:00 GMT+01:00 Ann <ann@example.com>:"
  /^\d{4}[-./]\d{1,2}[-./]\d{1,2}\b.{0,200}<[^<>\s]+@[^<>\s]+>\s*:$/,
];

const separators = [
  // Outlook: "-----Original Message-----"
  /^-{2,}\s*(?:Original Message|Original Appointment|Ursprüngliche Nachricht|Originalnachricht|Message d'origine|Message original|Mensaje original|Messaggio originale|Mensagem original|Oorspronkelijk bericht)\s*-{2,}$/i,
  /^-{2,}\s*(?:Forwarded message|Weitergeleitete Nachricht|Message transféré|Mensaje reenviado|Messaggio inoltrato)\s*-{2,}$/i,
  /^(?:Begin forwarded message|Anfang der weitergeleiteten Nachricht|Début du message (?:réexpédié|transféré)|Inicio del mensaje reenviado|Inizio messaggio inoltrato)\s*:$/i,
  // Outlook's line above its headers
  /^_{20,}$/,
];

// Outlook's headers of the quoted mail: a "From:" that is followed by another of them
const headerFrom = /^\*?(?:From|Von|De|Da|Van)\s*:\*?\s*\S/i;
const headerNext =
  /^\*?(?:Sent|Date|To|Subject|Gesendet|Datum|An|Betreff|Envoyé|À|Objet|Enviado(?: el)?|Fecha|Para|Asunto|Inviato|Data|A|Oggetto|Enviada(?: em)?|Assunto|Verzonden|Aan|Onderwerp|Cc)\s*:/i;

const deviceSignatures = [
  /^(?:Sent|Get) (?:from|via|with) (?:my |Outlook for |Yahoo Mail|the |Proton ?Mail|Mail for |Samsung).{0,80}$/i,
  /^Get Outlook for .{1,40}$/i,
  /^(?:Von meinem |Gesendet (?:von|mit|über) |Diese Nachricht wurde von meinem ).{1,80}(?:gesendet|iPhone|iPad|Handy|Mail|Android.{0,20}|Gerät.{0,20}|Smartphone|Outlook.{0,20})\.?$/i,
  /^(?:Envoyé (?:de|depuis|à partir de)|Obtenir|Télécharger) (?:mon |ma |Outlook|Yahoo|l'application |Proton).{0,80}$/i,
  /^(?:Enviado (?:desde|do|a partir do|de)|Obtener|Obter) (?:mi |meu |o |Outlook|Yahoo|Proton|Correo).{0,80}$/i,
  /^(?:Inviato (?:da|dal|con)|Scarica|Ottieni) (?:il mio |mio |Outlook|Yahoo|Proton|iPhone|Mail).{0,80}$/i,
  /^(?:Verzonden|Verstuurd) (?:vanaf|met|via) (?:mijn |Outlook).{0,80}$/i,
];

/** Text without quotations and signatures. */
export function stripReply(text: string): string {
  // long bodies are quotations anyway; the beginning has the reply
  const lines = text.slice(0, 65_536).replaceAll("\r\n", "\n").replaceAll(/[\u00a0\u202f]/g, " ")
    .replaceAll(/[\u200b\u200e\u200f\ufeff]/g, "").split("\n");
  const kept: string[] = [];
  for (let i = 0; i < lines.length; i++) {
    const line = lines[i]!;
    const trimmed = line.trim();
    // "-- " begins a signature (RFC 3676); many programs lose its space
    if (line === "-- " || line === "--" || trimmed === "—") break;
    if (trimmed.length > 500) {
      kept.push(line.trimEnd());
      continue;
    }
    if (separators.some((one) => one.test(trimmed)) || isAttribution(lines, i) || isHeaderBlock(lines, i)) break;
    if (deviceSignatures.some((one) => one.test(trimmed)) && onlyQuotationFollows(lines, i + 1)) break;
    // answers between quoted lines stay, the quoted lines go
    if (trimmed.startsWith(">")) continue;
    kept.push(line.trimEnd());
  }
  return kept.join("\n").replaceAll(/\n{3,}/g, "\n\n").trim();
}

/** Long ones are folded over up to three lines. */
function isAttribution(lines: string[], at: number): boolean {
  if (lines[at]!.trim() === "") return false;
  let joined = "";
  for (let i = at; i < Math.min(at + 3, lines.length); i++) {
    const line = lines[i]!.trim();
    if (line === "" || line.startsWith(">") || line.length > 500) return false;
    joined = joined === "" ? line : `${joined} ${line}`;
    if (attributions.some((one) => one.test(joined))) return namesSomebody(joined);
  }
  return false;
}

/** A program's line has an address or a date; a sentence that ends in "wrote:" rarely has. */
const namesSomebody = (text: string) => /[@\d]/.test(text);

function isHeaderBlock(lines: string[], at: number): boolean {
  if (!headerFrom.test(lines[at]!.trim())) return false;
  const next = lines.slice(at + 1, at + 4).map((line) => line.trim()).filter((line) => line !== "");
  return next.length > 0 && headerNext.test(next[0]!);
}

function onlyQuotationFollows(lines: string[], from: number): boolean {
  for (let i = from; i < lines.length; i++) {
    const line = lines[i]!.trim();
    if (line === "" || line.startsWith(">")) continue;
    return separators.some((one) => one.test(line)) || isAttribution(lines, i) || isHeaderBlock(lines, i) ||
      lines[i] === "-- " || line === "--";
  }
  return true;
}

const entities: Record<string, string> = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'", nbsp: " " };

/** The text of an HTML mail, without what Gmail, Outlook, Apple Mail and Yahoo mark as quoted. */
export function htmlToText(html: string): string {
  const text = html.slice(0, 262_144)
    .replaceAll(/<!--[^]*?(?:-->|$)/g, "")
    .replaceAll(/<(style|script|head|title)\b[^]*?(?:<\/\1\s*>|$)/gi, "");
  // each of these is followed by nothing but the quotation
  const quoted = text.search(
    /<(?:div|blockquote|hr|section)\b[^<>]{0,500}?(?:\bgmail_quote|\bgmail_attr|divRplyFwdMsg|appendonsend|yahoo_quoted|moz-cite-prefix|protonmail_quote|type=["']?cite)/i,
  );
  const mine = quoted < 0 ? text : text.slice(0, quoted);
  return mine
    .replaceAll(/<blockquote\b[^]*?(?:<\/blockquote\s*>|$)/gi, "\n")
    .replaceAll(/\s+/g, " ")
    .replaceAll(/<br\b[^<>]{0,500}>|<\/(?:p|div|tr|li|h[1-6]|table|ul|ol|pre)\s*>/gi, "\n")
    .replaceAll(/<[^<>]*>/g, "")
    .replaceAll(/&(#x[0-9a-f]{1,6}|#\d{1,7}|\w{2,6});/gi, (whole, name: string) => {
      if (!name.startsWith("#")) return entities[name.toLowerCase()] ?? whole;
      const code = /^#x/i.test(name) ? parseInt(name.slice(2), 16) : Number(name.slice(1));
      return code > 0 && code <= 0x10ffff ? String.fromCodePoint(code) : "";
    })
    .split("\n").map((line) => line.trim()).join("\n");
}
