// Keeping, finding, versioning, sharing and deploying workflows.
import {
  callFunction,
  camel,
  failed,
  isRow,
  isUuid,
  ok,
  reading,
  refused,
  type Result,
  type Row,
  settle,
  type SupabaseLike,
  type TandemError,
  verbsOf,
} from "./call.ts";
import {
  type Definition,
  type FlowEdge,
  type FlowInput,
  type FlowNode,
  type FlowViewport,
  fromReactFlow,
  toReactFlow,
} from "./react_flow.ts";

export type WorkflowStatus = "draft" | "active" | "paused" | "archived";

/** All times are ISO 8601 strings, as the database answers them. */
export interface Workflow {
  id: string;
  workspaceId: string;
  userId: string | null;
  name: string;
  description: string | null;
  tags: string[];
  folder: string | null;
  iconUrl: string | null;
  status: WorkflowStatus;
  isTemplate: boolean;
  templateCategory: string | null;
  isPublic: boolean;
  sessionId: string | null;
  currentVersion: number;
  /** Counts every change: who saves says which one he saw */
  revision: number;
  deploymentStatus: string;
  deployedVersion: number | null;
  deployedAt: string | null;
  archivedAt: string | null;
  createdAt: string;
  updatedAt: string;
}

/** A workflow as lists show it. */
export interface WorkflowSummary extends Workflow {
  isFavorite: boolean;
  latestExecutionId: string | null;
  /** IDLE, or an execution's status */
  latestExecutionStatus: string;
  latestExecutionTime: string | null;
  /** How well it fits a search */
  rank?: number;
}

/** What a version does: as it is stored, and as React Flow shows it. */
export interface Content {
  definition: Definition;
  nodes: FlowNode[];
  edges: FlowEdge[];
  viewport?: FlowViewport;
}

export interface WorkflowDetails extends WorkflowSummary, Content {
  version: number;
  parentVersion: number | null;
  note: string | null;
  checksum: string;
  /** It was deployed or executed: it never changes, saving makes the next one */
  isLocked: boolean;
  /** What it remembers between executions, `$.workflow.static` */
  staticData?: Record<string, unknown>;
}

export interface WorkflowVersion extends Content {
  workspaceId: string;
  workflowId: string;
  version: number;
  parentVersion: number | null;
  note: string | null;
  checksum: string;
  isLocked: boolean;
  createdBy: string | null;
  createdAt: string;
  updatedAt: string;
}

export interface VersionSummary {
  version: number;
  parentVersion: number | null;
  note: string | null;
  checksum: string;
  isLocked: boolean;
  isCurrent: boolean;
  isDeployed: boolean;
  createdBy: string | null;
  createdAt: string;
  updatedAt: string;
}

export interface WorkflowFilters {
  /** Without it workflows of all the caller's workspaces */
  workspaceId?: string;
  /** Without it all but archived ones */
  status?: WorkflowStatus | WorkflowStatus[];
  /** All of them */
  tags?: string[];
  /** "" is the root */
  folder?: string;
  includeSubfolders?: boolean;
  isFavorite?: boolean;
  isTemplate?: boolean;
  /** Everybody's public templates */
  isPublic?: boolean;
  templateCategory?: string;
  isDeployed?: boolean;
  sessionId?: string;
  createdBy?: string;
  /** A web search (words, "phrases", -not, or) over name, tags, nodes and description */
  searchQuery?: string;
  /** A workflow is listed once, in its current version: only true makes sense */
  isCurrentVersion?: true;
  /** "rank" is how well it fits the search, and usual there; else "updated_at" is */
  orderBy?:
    | "updated_at"
    | "created_at"
    | "name"
    | "latest_execution"
    | "rank"
    | "updatedAt"
    | "createdAt"
    | "latestExecution";
  orderDirection?: "asc" | "desc";
  /** At most 200; 50 without it */
  limit?: number;
  offset?: number;
  /** `nextCursor` of the page before: cheaper than `offset` */
  cursor?: string;
  /** Count all that the filters let through, as `total` */
  withTotal?: boolean;
}

/** A definition, or a React Flow graph; both together, the graph takes the place of the definition's nodes. */
export interface ContentInput {
  definition?: Definition;
  nodes?: FlowInput["nodes"];
  edges?: FlowInput["edges"];
  viewport?: FlowViewport;
  /** Defaults and limits: `definition.settings` */
  settings?: Record<string, unknown>;
  /** Outputs that executions by hand take as given, by node: `definition.pin_data` */
  pinData?: Record<string, unknown>;
}

export interface NewWorkflow extends ContentInput {
  name: string;
  description?: string | null;
  tags?: string[];
  folder?: string | null;
  /** The caller's personal workspace without it */
  workspaceId?: string;
  iconUrl?: string | null;
  sessionId?: string | null;
}

export interface WorkflowChanges extends ContentInput {
  /** The revision that was seen: if there is a newer one, nothing is saved and the error is workflow_changed */
  revision?: number;
  name?: string;
  /** null takes it away, here and below */
  description?: string | null;
  tags?: string[];
  folder?: string | null;
  iconUrl?: string | null;
  note?: string;
  isTemplate?: boolean;
  templateCategory?: string | null;
  isPublic?: boolean;
  sessionId?: string;
}

export interface VersionInput extends ContentInput {
  note?: string;
  revision?: number;
}

export interface FieldChange {
  path: string;
  from?: unknown;
  to?: unknown;
}

/** How two versions differ. `isEquivalent`: only in places on the canvas and notes. */
export interface VersionDiff {
  workflowId?: string;
  a?: unknown;
  b?: unknown;
  nodes: { added: Row[]; removed: Row[]; changed: (Row & { fields: FieldChange[] })[]; moved: Row[] };
  connections: { added: Row[]; removed: Row[]; changed: (Row & { fields: FieldChange[] })[]; isReordered: boolean };
  settings: FieldChange[];
  pinData: FieldChange[];
  other: FieldChange[];
  isEquivalent: boolean;
  isIdentical: boolean;
}

export interface Diagnostic {
  code: string;
  message: string;
  nodeId: string | null;
  path: string | null;
  /** A warning blocks nothing */
  severity: "error" | "warning";
  /** saving or deploying */
  blocks?: string | null;
}

export interface Deployment {
  deployment: {
    workflowId: string;
    version: number | null;
    status: string;
    deployedAt: string | null;
    deployedBy: string | null;
    [field: string]: unknown;
  };
  triggers: Trigger[];
  /** What does not keep it from being deployed */
  warnings: Diagnostic[];
  /** How many executions of other versions were canceled */
  canceled: number;
}

export interface Trigger {
  id: string;
  nodeId: string;
  subtype: string;
  /** Of a webhook, where the functions are deployed */
  url?: string;
  path?: string | null;
  [field: string]: unknown;
}

export interface DeploymentRecord {
  id: string;
  workspaceId: string;
  workflowId: string;
  /** DEPLOY, UPDATE, ROLLBACK, UNDEPLOY, DEPLOY_FAILED, and *_STARTED and *_COMPLETED where executions were canceled */
  deploymentAction: string;
  fromStatus: string;
  toStatus: string;
  deploymentVersion: number;
  deploymentConfig: Record<string, unknown>;
  previousId: string | null;
  triggeredBy: string | null;
  startedAt: string;
  completedAt: string | null;
  errorMessage: string | null;
  deploymentLogs: Record<string, unknown>[];
}

export interface DeployOptions {
  /** The current version without it */
  version?: number;
  note?: string;
  /** What becomes of executions of the version before that are under way: kept, unless they are to be cancelled */
  running?: "keep" | "cancel";
}

export function createWorkflows(client: SupabaseLike) {
  const verb = verbsOf(client);
  type Verb = "archive_workflow" | "unarchive_workflow" | "pause_workflow" | "activate_workflow";
  const ofWorkflow = (name: Verb) => (id: string): Promise<Result<Workflow>> =>
    verb(name, { workflow_id: id }, parseWorkflow);

  /** The definition to save. What the graph does not say is taken from the current one, which is read only then. */
  const contentOf = async (
    input: ContentInput,
    id: string | null,
  ): Promise<Result<{ definition: Definition | undefined; seen?: number }>> => {
    const { definition, nodes, edges, settings, pinData } = input;
    const isGraph = nodes !== undefined || edges !== undefined;
    if (!isGraph && definition === undefined && settings === undefined && pinData === undefined) {
      return ok({ definition: undefined });
    }
    let base: Partial<Definition> = definition ?? {};
    let seen: number | undefined;
    if (definition === undefined && id !== null) {
      const current = await verb("get_workflow", { workflow_id: id }, (row) => {
        const { definition, revision } = row as { definition: Definition; revision: number };
        if (!isRow(definition)) throw new Error("there is no definition");
        return { definition, revision };
      });
      if (current.error) return failed(current.error);
      base = current.data.definition;
      seen = current.data.revision;
    }
    base = {
      ...base,
      ...(settings !== undefined && { settings }),
      ...(pinData !== undefined && { pin_data: pinData }),
    };
    if (!isGraph) return ok({ definition: { nodes: [], connections: [], ...base }, seen });
    const { viewport } = input;
    const graph = fromReactFlow({ nodes, edges, ...(viewport && { viewport }) } as FlowInput, base);
    if (graph.problems) {
      return failed(
        refused("definition_invalid", "The React Flow graph cannot be saved", { problems: graph.problems }),
      );
    }
    return ok({ definition: graph.definition, seen });
  };

  /** Saves; where the current definition was read for it and has changed meanwhile, once more. */
  const save = async <T>(
    id: string,
    input: ContentInput & { revision?: number },
    call: (definition: Definition | undefined, revision: number | undefined) => Promise<Result<T>>,
  ): Promise<Result<T>> => {
    for (let attempt = 1;; attempt++) {
      const content = await contentOf(input, id);
      if (content.error) return failed(content.error);
      const { definition, seen } = content.data;
      const answer = await call(definition, input.revision ?? seen);
      const isOurRace = answer.error?.code === "workflow_changed" && input.revision === undefined && seen !== undefined;
      if (!isOurRace || attempt === 5) return answer;
    }
  };

  const workflows = {
    /** Workflows without their definitions; `nextCursor` and, if asked for, `total` beside them. */
    async listWorkflows(
      filters: WorkflowFilters = {},
    ): Promise<Result<WorkflowSummary[], { total: number | null; nextCursor: string | null }>> {
      const { status, searchQuery, orderBy, limit, offset, isCurrentVersion: _, ...rest } = filters;
      const { data: page, error } = await verb("list_workflows", {
        workspace_id: rest.workspaceId,
        status: status === undefined ? undefined : [status].flat(),
        tags: rest.tags,
        folder: rest.folder,
        include_subfolders: rest.includeSubfolders,
        is_template: rest.isTemplate,
        is_public: rest.isPublic,
        template_category: rest.templateCategory,
        is_favorite: rest.isFavorite,
        is_deployed: rest.isDeployed,
        query: searchQuery,
        session_id: rest.sessionId,
        created_by: rest.createdBy,
        order_by: orderBy?.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`),
        order_direction: rest.orderDirection,
        page_size: limit,
        page_offset: offset,
        cursor: rest.cursor,
        with_total: rest.withTotal,
      }, (answer) => {
        const { workflows, total, next_cursor } = answer as Row & { workflows: unknown[] };
        return { workflows: workflows.map(parseSummary), total, nextCursor: next_cursor };
      });
      if (error) return failed(error);
      return {
        ...ok(page.workflows),
        total: page.total as number | null,
        nextCursor: page.nextCursor as string | null,
      };
    },

    /** A workflow with its current version, or the one named. */
    getWorkflow: (id: string, version?: number): Promise<Result<WorkflowDetails>> =>
      verb("get_workflow", { workflow_id: id, version }, parseDetails),

    async createWorkflow(workflow: NewWorkflow): Promise<Result<Workflow>> {
      const content = await contentOf(workflow, null);
      if (content.error) return failed(content.error);
      return await verb("create_workflow", {
        name: workflow.name,
        definition: content.data.definition,
        description: workflow.description ?? undefined,
        tags: workflow.tags,
        folder: workflow.folder ?? undefined,
        workspace_id: workflow.workspaceId,
        icon_url: workflow.iconUrl ?? undefined,
        session_id: workflow.sessionId ?? undefined,
      }, parseWorkflow);
    },

    /**
     * Saves. The current version is written over while it was neither deployed nor executed, else the next one is made.
     * With `nodes` and `edges` but no `definition`, what React Flow does not know (settings ...) stays as it is.
     */
    updateWorkflow: (id: string, changes: WorkflowChanges): Promise<Result<Workflow>> =>
      save(id, changes, (definition, revision) =>
        verb("update_workflow", {
          workflow_id: id,
          revision,
          definition,
          name: changes.name,
          description: orNone(changes.description),
          tags: changes.tags,
          folder: orNone(changes.folder),
          icon_url: orNone(changes.iconUrl),
          note: changes.note,
          is_template: changes.isTemplate,
          template_category: orNone(changes.templateCategory),
          is_public: changes.isPublic,
          session_id: changes.sessionId,
        }, parseWorkflow)),

    /** The next version, also where the current one could be written over. */
    createVersion: (id: string, version: VersionInput = {}): Promise<Result<WorkflowVersion>> =>
      save(
        id,
        version,
        (definition, revision) =>
          verb("create_workflow_version", { workflow_id: id, definition, note: version.note, revision }, parseVersion),
      ),

    /** Makes an old version's definition the next version's. */
    restoreVersion: (
      id: string,
      version: number,
      options: { note?: string; revision?: number } = {},
    ): Promise<Result<WorkflowVersion>> =>
      verb("restore_workflow_version", { workflow_id: id, version, ...options }, parseVersion),

    diffVersions: (id: string, a: number, b: number): Promise<Result<VersionDiff>> =>
      verb("diff_workflow_versions", { workflow_id: id, a, b }, parseDiff),

    /** Versions, newest first. By a workflow's name only where one of the caller's has it. */
    async getVersionHistory(
      idOrName: string,
      page: { limit?: number; before?: number } = {},
    ): Promise<Result<VersionSummary[], { nextBefore: number | null }>> {
      let id = idOrName;
      if (!isUuid(idOrName)) {
        const named = reading(
          await settle(() => client.from("workflows").select("id").eq("name", idOrName).limit(3)),
          (rows) => (rows as { id: string }[]).map((row) => row.id),
        );
        if (named.error) return failed(named.error);
        if (named.data.length !== 1) return failed(notOne(idOrName, named.data));
        id = named.data[0]!;
      }
      const { data: found, error } = await verb(
        "get_version_history",
        { workflow_id: id, page_size: page.limit, before: page.before },
        (answer) => {
          const { versions, next_before } = answer as { versions: unknown[]; next_before: number | null };
          return { versions: versions.map((version) => camel<VersionSummary>(version)), nextBefore: next_before };
        },
      );
      return error ? failed(error) : { ...ok(found.versions), nextBefore: found.nextBefore };
    },

    /** Removes old versions, but for the newest `keep`, the current one, and those that were deployed or executed. */
    purgeVersions: (id: string, keep?: number): Promise<Result<{ removed: number }>> =>
      verb("purge_workflow_versions", { workflow_id: id, keep }, (removed) => ({ removed: removed as number })),

    /** For good. Refused while it is deployed or executions of it are under way. */
    deleteWorkflow: (id: string): Promise<Result<{ id: string }>> =>
      verb("delete_workflow", { workflow_id: id }, () => ({ id })),

    /** Puts it away: undeployed, not to be started, in lists only where asked for. */
    archiveWorkflow: ofWorkflow("archive_workflow"),
    unarchive: ofWorkflow("unarchive_workflow"),
    /** Nothing starts it; what runs goes on. */
    pause: ofWorkflow("pause_workflow"),
    activate: ofWorkflow("activate_workflow"),

    /** Its current version as a new draft. A copy in another workspace has no credentials: `removed` says where. */
    duplicateWorkflow: (
      sourceId: string,
      newName?: string,
      options: { workspaceId?: string; folder?: string } = {},
    ): Promise<Result<Workflow & { removed: { nodeId: string | null; path: string }[] }>> =>
      verb(
        "duplicate_workflow",
        { workflow_id: sourceId, name: newName, workspace_id: options.workspaceId, folder: options.folder },
        parseCopy,
      ),

    /** Stars it or not; the other way round where neither is said. */
    async toggleFavorite(id: string, isFavorite?: boolean): Promise<Result<{ id: string; isFavorite: boolean }>> {
      let wanted = isFavorite;
      if (wanted === undefined) {
        const current = await verb("get_workflow", { workflow_id: id }, (row) => (row as Row).is_favorite);
        if (current.error) return failed(current.error);
        wanted = !current.data;
      }
      return await verb("set_favorite", { workflow_id: id, is_favorite: wanted }, () => ({ id, isFavorite: wanted }));
    },

    /** Public templates, or those of one workspace. */
    listTemplates(
      filters: Omit<WorkflowFilters, "isTemplate"> = {},
    ): Promise<Result<WorkflowSummary[], { total: number | null; nextCursor: string | null }>> {
      const isPublic = filters.isPublic ?? (filters.workspaceId === undefined ? true : undefined);
      return workflows.listWorkflows({ ...filters, isPublic, isTemplate: true });
    },
    createFromTemplate: (
      templateId: string,
      name?: string,
      options: { workspaceId?: string; folder?: string } = {},
    ): Promise<Result<Workflow & { removed: { nodeId: string | null; path: string }[] }>> =>
      workflows.duplicateWorkflow(templateId, name, options),

    listFolders: (
      workspaceId?: string,
    ): Promise<Result<{ folder: string; workflows: number; workflowsBelow: number }[]>> =>
      verb("list_folders", { workspace_id: workspaceId }, (data) => (data as unknown[]).map((row) => camel(row))),
    listTags: (workspaceId?: string): Promise<Result<{ tag: string; workflows: number }[]>> =>
      verb("list_tags", { workspace_id: workspaceId }, (data) => (data as unknown[]).map((row) => camel(row))),

    /** Everything that is wrong with a definition or graph; with a workspace also what depends on it. */
    async validate(content: ContentInput, workspaceId?: string): Promise<
      Result<{ valid: boolean; diagnostics: Diagnostic[] }>
    > {
      const { data, error } = await contentOf(content, null);
      if (error) return failed(error);
      return await verb(
        "validate_definition",
        { definition: data.definition ?? {}, workspace_id: workspaceId },
        (answer) => {
          const { valid, diagnostics } = answer as { valid: boolean; diagnostics: unknown[] };
          return { valid, diagnostics: diagnostics.map((one) => camel<Diagnostic>(one)) };
        },
      );
    },

    /** Lets events start a version. */
    deploy: (id: string, options: DeployOptions = {}): Promise<Result<Deployment>> =>
      change(client, "deploy", "deploy_workflow", { workflow_id: id, ...options }),
    /** Events start it no more. */
    undeploy: (id: string, options: Omit<DeployOptions, "version"> = {}): Promise<Result<Deployment>> =>
      change(client, "deploy/undeploy", "undeploy_workflow", { workflow_id: id, ...options }),
    /** Deploys the version that was deployed before, or the one named. */
    rollback: (id: string, options: DeployOptions = {}): Promise<Result<Deployment>> =>
      change(client, "deploy/rollback", "rollback_workflow", { workflow_id: id, ...options }),

    /** Who let which version serve, newest first; deployments that were refused too. */
    async listDeployments(
      id: string,
      page: { limit?: number; before?: string } = {},
    ): Promise<Result<DeploymentRecord[], { nextBefore: string | null }>> {
      const { data, error } = await verb(
        "get_deployment_history",
        { workflow_id: id, page_size: page.limit, before: page.before },
        (answer) => {
          const { history, next_before } = answer as { history: unknown[]; next_before: string | null };
          return { history: history.map((row) => camel<DeploymentRecord>(row)), nextBefore: next_before };
        },
      );
      return error ? failed(error) : { ...ok(data.history), nextBefore: data.nextBefore };
    },

    /** What starts the deployed version; webhooks with their URLs, where the client has functions. */
    async listTriggers(id: string): Promise<Result<Trigger[]>> {
      const read = (answer: unknown) =>
        (answer as { triggers: unknown[] }).triggers.map((trigger) => camel<Trigger>(trigger));
      return client.functions
        ? reading(await callFunction(client, `deploy/${encodeURIComponent(id)}/triggers`, undefined, "GET"), read)
        : await verb("get_triggers", { workflow_id: id }, read);
    },

    /** Gives a webhook another URL; the old one is no more. */
    async rotateTrigger(id: string, nodeId: string): Promise<Result<Trigger>> {
      const args = { workflow_id: id, node_id: nodeId };
      const read = (answer: unknown) => camel<Trigger>((answer as { trigger: unknown }).trigger);
      return client.functions
        ? reading(await callFunction(client, "deploy/triggers/rotate", args), read)
        : await verb("rotate_trigger", args, read);
    },

    /** Replaces what a workflow remembers between executions. */
    setStaticData: (
      id: string,
      data: Record<string, unknown>,
    ): Promise<Result<{ workflowId: string; data: Record<string, unknown>; updatedAt: string }>> =>
      verb("set_static_data", { workflow_id: id, data }, (row) => camel(row)),
  };
  return workflows;
}

export type Workflows = ReturnType<typeof createWorkflows>;

/** By the function where the client has functions: it knows the URLs of webhooks. Else by SQL. */
async function change(
  client: SupabaseLike,
  path: string,
  name: "deploy_workflow" | "undeploy_workflow" | "rollback_workflow",
  args: { workflow_id: string } & DeployOptions,
): Promise<Result<Deployment>> {
  const read = (data: unknown): Deployment => {
    const { deployment, triggers, warnings, canceled } = data as Record<"deployment" | "canceled", unknown> & {
      triggers?: unknown[];
      warnings?: unknown[];
    };
    return {
      deployment: camel<Deployment["deployment"]>(deployment),
      triggers: (triggers ?? []).map((trigger) => camel<Trigger>(trigger)),
      warnings: (warnings ?? []).map((warning) => camel<Diagnostic>(warning)),
      canceled: Number(canceled ?? 0),
    };
  };
  return client.functions
    ? reading(await callFunction(client, path, { ...args }), read)
    : await verbsOf(client)(name, args, read);
}

const orNone = (value: string | null | undefined) => value === null ? "" : value;

function notOne(name: string, ids: string[]): TandemError {
  return ids.length === 0
    ? {
      code: "workflow_not_found",
      status: 404,
      message: `No workflow is named ${JSON.stringify(name)}`,
      hint: "Give its id.",
    }
    : {
      code: "workflow_name_ambiguous",
      status: 409,
      message: `Several workflows are named ${JSON.stringify(name)}`,
      details: { ids },
      hint: "Give the id of one.",
    };
}

const hidden = new Set(["deleted_at", "undeployed_at", "deployed_by"]);

export function parseWorkflow(row: unknown): Workflow {
  return camel(Object.fromEntries(Object.entries(row as Row).filter(([column]) => !hidden.has(column))));
}

export const parseSummary = (row: unknown) => parseWorkflow(row) as WorkflowSummary;

function contentFrom(definition: unknown): Content {
  return { definition: definition as Definition, ...toReactFlow(definition as Definition) };
}

export function parseDetails(row: unknown): WorkflowDetails {
  return { ...parseWorkflow(row), ...contentFrom((row as Row).definition) } as WorkflowDetails;
}

export function parseVersion(row: unknown): WorkflowVersion {
  return { ...camel<WorkflowVersion>(row), ...contentFrom((row as Row).definition) };
}

function parseCopy(answer: unknown): Workflow & { removed: { nodeId: string | null; path: string }[] } {
  const { workflow, removed } = answer as { workflow: unknown; removed?: unknown[] };
  return { ...parseWorkflow(workflow), removed: (removed ?? []).map((one) => camel(one)) };
}

/** Names of nodes and fields in it are the definition's own. */
export function parseDiff(answer: unknown): VersionDiff {
  const { nodes, connections, ...rest } = answer as { nodes: Row; connections: Row };
  const named = (part: Row) =>
    Object.fromEntries(
      Object.entries(camel(part)).map((
        [key, value],
      ) => [key, Array.isArray(value) ? value.map((one) => isRow(one) ? camel(one) : one) : value]),
    );
  return { ...camel<Row>(rest), nodes: named(nodes), connections: named(connections) } as unknown as VersionDiff;
}
