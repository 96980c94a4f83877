// The words of generated steps: those of WebArena's intents as often as they are there, those of user interfaces, and a
// long tail of names as real rows have them.
import { intents } from "./intents.ts";

export const verbs = (
  "click type select open press wait find read copy check scroll close enter choose download paste hover drag upload " +
  "expand focus collapse switch toggle dismiss resize unlock"
).split(" ");

export const elements =
  "button field tab link menu dialog row list checkbox cell icon dropdown panel toolbar card banner"
    .split(" ");

export const labels = [
  ..."Save,OK,Search,Settings,Cancel,Next,Submit,Name,New,Edit,Filter,Export,Delete,Apply,Close,Send,Customer".split(
    ",",
  ),
  ..."Order,Email,Date,Back,Print,Add,Amount,Status,Login,Invoice,Refresh,Address,Reply,Account,Continue".split(","),
  ..."Password,Download,Phone,Archive,Share,Confirm,Attach,Quantity,Price,Approve,Reject,Category,Upload".split(","),
  ..."Sign in,Shipping,Payment,Discount,Reviews,Inbox,Calendar,Assignee,Milestone,Due date,Postcode".split(","),
  ..."Add to cart,Forward,Currency,Tax,Merge request,Repository,Comment,Subject,Country,Sort by,View all".split(","),
];

export const apps = (
  "Chrome,Excel,Outlook,Salesforce,SAP GUI,Edge,Word,Slack,Teams,Firefox,Notepad,Explorer,Jira,GitLab,Acrobat,Shopify," +
  "HubSpot,Zendesk,QuickBooks,PowerPoint,Xero,Stripe,Notion,Asana,Trello,Figma,Access,OneNote,Zoom,Workday,NetSuite," +
  "ServiceNow,Dynamics,Magento,Photoshop,AutoCAD,Tableau,Power BI,Airtable,DocuSign"
).split(",");

const stopWords = new Set(
  ("the to of in a and for my me from on with i is that by tell what all how as who it have at an be this their many do " +
    "are was or not if you your him her them they we us our can could should would will did does has had s t").split(
      " ",
    ),
);

/** Of the intents, the most frequent first. */
export const nouns: string[] = (() => {
  const counts = new Map<string, number>();
  for (const { intent } of intents) {
    for (const word of intent.toLowerCase().match(/[a-z][a-z-]{2,}/g) ?? []) {
      if (!stopWords.has(word)) counts.set(word, (counts.get(word) ?? 0) + 1);
    }
  }
  return [...counts].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1)).map(([word]) => word);
})();

const syllables = (
  "ka bel mor tan dris vo len qua shi rad ose pel nim zor fay gar hul wen ibo cas tre lum nok sar vie dol mek ari pus " +
  "jen rho tul xan bri goz ume lak fir wod eys"
).split(" ");

/** How many names there are. */
export const nameCount = syllables.length ** 3;

export function name(rank: number): string {
  // neighbours in rank look nothing alike
  let mixed = (Math.imul(rank + 1, 40_503) >>> 0) % nameCount;
  let text = "";
  for (let i = 0; i < 3; i++, mixed = Math.floor(mixed / syllables.length)) text += syllables[mixed % syllables.length];
  return text[0]!.toUpperCase() + text.slice(1);
}

export const capital = (word: string) => word[0]!.toUpperCase() + word.slice(1);
