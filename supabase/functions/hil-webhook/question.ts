// What the page's JavaScript says, typed.
export * from "./question_page.js";
export interface Question {
  interaction_id?: string;
  type: string;
  state: string;
  title: string;
  [field: string]: unknown;
}
export interface Answer {
  decision: string;
  data?: unknown;
  comment?: string;
}
