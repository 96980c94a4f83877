// local-lexical-v1: texts to vectors without a model or a key, the same to the bit as search.local_lexical() in
// supabase/schemas/search/local_lexical.sql (a test compares them). It knows words, their parts and the synonyms below,
// nothing of meaning. Whoever changes a weight, a table or a word makes another model, which needs another name.
import { type Md5Prefix, md5Prefix } from "./md5.ts";

// What people call the same thing in an interface; a group is named by its first.
const synonyms = [
  "save,store,persist,keep,record",
  "login,log in,logon,log on,signin,sign in,authenticate,authentication",
  "logout,log out,logoff,log off,signout,sign out",
  "register,signup,sign up,registration,enroll,join",
  "delete,remove,erase,discard,trash,bin",
  "create,new,add,insert,make,compose",
  "edit,modify,change,update,alter,adjust,revise,rename",
  "open,launch,start,run,execute",
  "close,exit,quit,dismiss,end",
  "cancel,abort,stop,terminate,halt",
  "click,press,tap,push,hit",
  "select,choose,pick,check,tick",
  "enter,type,input,fill,write",
  "search,find,lookup,look up,locate,seek,query",
  "settings,preferences,options,configuration,configure,config,setup",
  "send,submit,deliver,dispatch",
  "upload,attach,attachment,import",
  "download,export",
  "image,picture,photo,photograph,icon",
  "file,document,doc",
  "folder,directory",
  "message,mail,email,e mail",
  "cart,basket,bag",
  "buy,purchase,order,checkout,check out",
  "pay,payment,bill,billing,invoice",
  "price,cost,amount,total",
  "product,item,article,goods",
  "customer,client,buyer",
  "user,account,profile,member",
  "password,passcode,passphrase,pin,credential",
  "show,display,view,list,see",
  "hide,collapse,minimize,minimise",
  "expand,unfold,maximize,maximise,enlarge",
  "menu,dropdown,drop down,combobox,combo box",
  "window,dialog,popup,pop up,modal",
  "tab,page,screen,panel",
  "button,btn,control",
  "field,textbox,text box,edit box",
  "next,forward,continue,proceed",
  "back,previous,return,prev",
  "confirm,ok,okay,accept,approve,agree,yes",
  "reject,decline,deny,refuse,no",
  "copy,duplicate,clone",
  "paste,cut",
  "move,transfer,drag",
  "reload,refresh",
  "undo,revert,restore,rollback,roll back",
  "print,printer",
  "share,publish,post",
  "comment,reply,respond,answer",
  "help,support,assistance",
  "error,failure,problem,issue,fault,bug",
  "warning,alert,notification,notify",
  "date,day,calendar",
  "schedule,appointment,meeting,event",
  "repository,repo,project",
  "merge,pull request,merge request",
  "direction,route,distance,drive,walk",
  "phone,telephone,mobile,call",
  "name,title,label",
  "row,line,entry",
  "table,grid,spreadsheet,sheet,worksheet",
  "column,cell",
  "sort,rank,arrange",
  "filter,narrow",
  "website,site,web,url,link,webpage",
  "application,app,program,software",
  "employee,staff,worker,colleague",
  "company,organization,organisation,business,firm,vendor,supplier",
];

const common = new Set(
  ("a an and any are as at be by can do for from has have how i if in into is it its me my of on or our so that " +
    "the their them then there these they this to us was we were what when which who will with you your").split(" "),
);

const weights = { word: 4, common: 2, pair: 3, part: 1, unspacedPart: 3, synonym: 6, nothing: 1 };

const mostCharacters = 65_536;
const longestWord = 64;

/** Stems of words and of pairs of words, with their synonym group. */
export const lexicalGroups: ReadonlyMap<string, string> = new Map(
  synonyms.flatMap((members) =>
    members.split(",").map((member) => [member.split(" ").map(stem).join(" "), members.split(",")[0]!] as const)
  ),
);

/** An English word without its ending: enough to look it up. */
function stem(word: string): string {
  return word.length > 4 ? word.replace(/(ings?|ed|es|e|s)$/, "") : word;
}

// Latin, Greek, Cyrillic and Armenian letters and the wide forms of ASCII: small and without accents, where that is one
// character. SQL has the table written out.
const folded = new Map<string, string>();
for (
  const [first, last] of [
    [0x41, 0x5a],
    [0xaa, 0x24f],
    [0x370, 0x52f],
    [0x531, 0x556],
    [0x1e00, 0x1fff],
    [0xff10, 0xff19],
    [0xff21, 0xff3a],
    [0xff41, 0xff5a],
  ] as const
) {
  for (let code = first; code <= last; code++) {
    const character = String.fromCodePoint(code);
    if (!/[\p{L}\p{N}]/u.test(character)) continue;
    const plain = character.toLowerCase().normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();
    const letter = ({ "ς": "σ", "ø": "o", "ł": "l", "đ": "d", "ı": "i" } as Record<string, string>)[plain] ?? plain;
    if (letter !== character && [...letter].length === 1) folded.set(character, letter);
  }
}

const marks = /[\u0300-\u036f\u0483-\u0489\u0591-\u05bd\u064b-\u065f\u0670]+/g;
const separators = new RegExp(
  "[\\u0000-\\u002f\\u003a-\\u0060\\u007b-\\u00bf\\u00d7\\u00f7\\u0589\\u05be\\u060c\\u061b\\u061f" +
    "\\u066a-\\u066d\\u06d4\\u0964\\u0965\\u2000-\\u2bff\\u2e00-\\u2e7f\\u3000-\\u303f\\u30fb" +
    "\\ue000-\\uf8ff\\ufe00-\\ufe6f\\uff00-\\uff0f\\uff1a-\\uff20\\uff3b-\\uff40\\uff5b-\\uff65\\uffe0-\\uffff]+",
  "u",
);
const unspaced = /[\u2e80-\ud7ff]/;

/** A text as words of small letters and digits, the long ones in pieces. */
export function lexicalWords(text: string): string[] {
  const characters = cut(text).replace(/([a-z0-9])([A-Z])/g, "$1 $2");
  // deno-lint-ignore no-control-regex
  const ascii = /^[\x00-\x7f]*$/.test(characters);
  const words = ascii
    ? characters.toLowerCase().split(/[^a-z0-9]+/)
    : foldAll(characters.toWellFormed()).replace(marks, "").split(separators);
  return words.flatMap((word) => word.length > longestWord ? pieces(word) : word === "" ? [] : [word]);
}

function cut(text: string): string {
  if (text.length <= mostCharacters) return text;
  const characters = [...text.slice(0, 2 * mostCharacters)];
  return characters.slice(0, mostCharacters).join("");
}

function foldAll(text: string): string {
  return text.replace(/[^a-z0-9 ]/g, (character) => folded.get(character) ?? character);
}

function pieces(word: string): string[] {
  const characters = [...word];
  return Array.from(
    { length: Math.ceil(characters.length / longestWord) },
    (_, i) => characters.slice(i * longestWord, (i + 1) * longestWord).join(""),
  );
}

/**
 * A token adds its weight, grown with the logarithm of its count, at the four coordinates that its md5 names. Sums are of
 * whole numbers, so that their order does not matter; only the division by the length rounds.
 */
export function localLexical(text: string, dimensions: number): Float32Array {
  const tokens = tokensOf(lexicalWords(text));
  const sums = new Float64Array(dimensions);
  for (const { weight, count, hash: { high, low } } of tokens.values()) {
    const grown = weight * (32 - Math.clz32(count));
    add(high >>> 16, grown);
    add(high & 0xffff, grown);
    add(low >>> 16, grown);
    add(low & 0xffff, grown);
  }
  function add(bits: number, weight: number): void {
    sums[(bits >>> 1) % dimensions]! += bits & 1 ? weight : -weight;
  }
  let squares = 0;
  for (const sum of sums) squares += sum * sum;
  const vector = new Float32Array(dimensions);
  // all that there was cancelled out
  if (squares === 0) vector[0] = 1;
  else {
    const length = Math.sqrt(squares);
    for (let i = 0; i < dimensions; i++) vector[i] = sums[i]! / length;
  }
  return vector;
}

interface Token {
  weight: number;
  count: number;
  hash: Md5Prefix;
}

// Texts share most of their tokens, and a hash is most of a token's cost.
const hashes = new Map<string, Md5Prefix>();
const mostHashes = 20_000;

function hashOf(token: string): Md5Prefix {
  const known = hashes.get(token);
  if (known) return known;
  if (hashes.size >= mostHashes) hashes.clear();
  const hash = md5Prefix(token);
  hashes.set(token, hash);
  return hash;
}

function tokensOf(words: string[]): Map<string, Token> {
  const tokens = new Map<string, Token>();
  const add = (token: string, weight: number) => {
    const known = tokens.get(token);
    if (known) known.count++;
    else tokens.set(token, { weight, count: 1, hash: hashOf(token) });
  };
  const stems = words.map(stem);
  words.forEach((word, i) => {
    add(word, common.has(word) || /^[0-9]+$/.test(word) ? weights.common : weights.word);
    if (i + 1 < words.length) add(`${word} ${words[i + 1]}`, weights.pair);
    if (unspaced.test(word)) {
      // of a script without spaces, two characters are about a word
      const characters = [...word];
      for (let j = 0; j + 2 <= characters.length; j++) {
        add(`~${characters[j]}${characters[j + 1]}`, weights.unspacedPart);
      }
    } else addParts(`^${word}$`);
    const synonym = lexicalGroups.get(stems[i]!);
    if (synonym) add(`#${synonym}`, weights.synonym);
    const phrase = i + 1 < words.length ? lexicalGroups.get(`${stems[i]} ${stems[i + 1]}`) : undefined;
    if (phrase) add(`#${phrase}`, weights.synonym);
  });
  function addParts(padded: string): void {
    if (/[\ud800-\udfff]/.test(padded)) {
      const characters = [...padded];
      for (let j = 0; j + 4 <= characters.length; j++) add("~" + characters.slice(j, j + 4).join(""), weights.part);
    } else for (let j = 0; j + 4 <= padded.length; j++) add("~" + padded.slice(j, j + 4), weights.part);
  }
  if (words.length === 0) add("", weights.nothing);
  return tokens;
}
