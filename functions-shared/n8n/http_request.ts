import { isObject, list, record } from "../json.ts";
import { type Shape, Untranslatable } from "./expression.ts";
import { continues, type Mapper, pairs } from "./plan.ts";
import { number, text } from "./source.ts";

function objectOf(given: unknown, at: string): Record<string, unknown> | string {
  if (typeof given === "string" || isObject(given)) return given;
  throw new Untranslatable("An object is expected here", at);
}

export const httpRequest: Mapper = (node) => {
  const p = node.parameters;
  const options = record(p.options);
  const isNew = node.version >= 3;
  const response = record(record(options.response).response);
  const full = isNew ? response.fullResponse === true : options.fullResponse === true;
  const format = text(isNew ? response.responseFormat : p.responseFormat) || (isNew ? "autodetect" : "json");
  const notes: string[] = [];
  if (format === "file") throw new Untranslatable("Files have no counterpart", "parameters.responseFormat");
  if (options.pagination !== undefined && record(record(options.pagination).pagination).paginationMode !== "off") {
    throw new Untranslatable("Pages are not fetched one after the other", "parameters.options.pagination");
  }
  if (options.allowUnauthorizedCerts === true || p.allowUnauthorizedCerts === true) {
    throw new Untranslatable("Certificates are always checked", "parameters.allowUnauthorizedCerts");
  }
  if (options.proxy !== undefined) throw new Untranslatable("There is no proxy", "parameters.options.proxy");
  if (options.batching !== undefined) notes.push("Requests are not sent in batches");
  if (response.neverError === true || options.ignoreResponseCode === true) {
    notes.push("A status of 400 or more is an error here, and was none");
  }
  const authentication = text(p.authentication);
  if (authentication !== "" && authentication !== "none" || Object.keys(record(node.given.credentials)).length > 0) {
    notes.push("Its credentials are not imported: the request goes out without them");
  }
  notes.push("A list in the answer is one value here, and was an item each");
  const name = text(record(response).outputPropertyName) || text(p.dataPropertyName) || "data";
  const shape: Shape = full
    ? {
      path: [],
      renames: {
        statusCode: ["status"],
        headers: ["headers"],
        body: ["body"],
        ...(format === "text" && { [name]: ["body"] }),
      },
    }
    : format === "text" || format === "string"
    ? { path: [], renames: { [name]: ["body"] } }
    : { path: ["body"] };
  return {
    type: "ACTION",
    subtype: "HTTP_REQUEST",
    form: "node",
    outputs: 1,
    out: continues(node) ? { ...shape, renames: { ...shape.renames, error: ["error"] } } : shape,
    retries: true,
    timeout: Math.max(1, Math.min(3600, Math.ceil(number(options.timeout, 300_000) / 1000))),
    notes,
    parameters(t) {
      const method = text(isNew ? p.method : p.requestMethod) || "GET";
      const url = t.text(p.url, "parameters.url");
      if (url === "") throw new Untranslatable("There is no URL", "parameters.url");
      const parameters: Record<string, unknown> = {
        method: method.startsWith("=") ? t.text(method, "parameters.method") : method.toUpperCase(),
        url,
      };
      const json = (given: unknown, at: string) => t.json(objectOf(given, at), at);
      if (isNew) {
        if (p.sendQuery === true) {
          parameters.query = p.specifyQuery === "json"
            ? json(p.jsonQuery, "parameters.jsonQuery")
            : pairs(record(p.queryParameters).parameters, "parameters.queryParameters.parameters", t);
        }
        if (p.sendHeaders === true) {
          parameters.headers = p.specifyHeaders === "json"
            ? json(p.jsonHeaders, "parameters.jsonHeaders")
            : pairs(record(p.headerParameters).parameters, "parameters.headerParameters.parameters", t);
        }
        if (p.sendBody === true) {
          const type = text(p.contentType) || "json";
          const fields = () => pairs(record(p.bodyParameters).parameters, "parameters.bodyParameters.parameters", t);
          if (type === "json") {
            parameters.body = p.specifyBody === "json" ? t.json(p.jsonBody ?? "{}", "parameters.jsonBody") : fields();
          } else if (type === "form-urlencoded" && p.specifyBody !== "string") parameters.form = fields();
          else throw new Untranslatable(`A body of ${type} has no counterpart`, "parameters.contentType");
        }
      } else if (p.jsonParameters === true) {
        for (const [field, from] of [["query", "query"], ["headers", "header"], ["body", "body"]] as const) {
          const at = `${from}ParametersJson`;
          if (text(p[at]) !== "") parameters[field] = t.json(p[at], `parameters.${at}`);
        }
      } else {
        for (const [field, from] of [["query", "query"], ["headers", "header"], ["body", "body"]] as const) {
          const at = `${from}ParametersUi`;
          const given = list(record(p[at]).parameter);
          if (given.length === 0) continue;
          parameters[field === "body" && options.bodyContentType === "form-urlencoded" ? "form" : field] = pairs(
            given,
            `parameters.${at}.parameter`,
            t,
          );
        }
      }
      if (!isNew && !["", "json", "form-urlencoded"].includes(text(options.bodyContentType))) {
        throw new Untranslatable("Such a body has no counterpart", "parameters.options.bodyContentType");
      }
      if (format === "json" || format === "text" || format === "string") {
        parameters.response = format === "json" ? "json" : "text";
      }
      return parameters;
    },
  };
};
