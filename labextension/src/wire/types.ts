// Written by scripts/wire_types.py from jupyter_assistants/protocol. Do not edit.

/** Instructions, a model and tools under one id. */
export interface Assistant {
  id: string;
  created_at: number;
  object: 'assistant';
  name: string | null;
  description: string | null;
  model: string;
  instructions: string | null;
  tools: (CodeInterpreterTool | FileSearchTool | FunctionTool)[];
  tool_resources: ToolResources;
  metadata: Record<string, string>;
  temperature: number | null;
  top_p: number | null;
  response_format: 'auto' | TextFormat | JsonObjectFormat | JsonSchemaFormat | null;
}

export interface AssistantList {
  object: 'list';
  data: Assistant[];
  has_more: boolean;
  first_id: string | null;
  last_id: string | null;
}

/** A file given with a message. */
export interface Attachment {
  file_id: string;
  tools: AttachmentTool[];
}

/** A file given with a message. */
export interface AttachmentGiven {
  file_id: string;
  tools?: AttachmentTool[] | null;
}

/** The tool that an attached file is for. */
export interface AttachmentTool {
  type: 'code_interpreter' | 'file_search';
}

/** We choose. */
export interface AutoChunkingInput {
  type: 'auto';
}

/** What one execution gave, in Jupyter's own terms. */
export interface CallExtension {
  outputs: Record<string, unknown>[];
  files: StepFile[];
  seconds?: number;
  status?: string;
  note?: string;
  place?: string;
  number?: number;
  queries?: string[];
  language?: string;
  changes?: Changes;
}

/** Name and JSON arguments of a call. */
export interface CalledFunction {
  name: string;
  arguments: string;
}

/** What a client tells the model of the kernel and the notebook; it is shown to nobody else. */
export interface CallerContext {
  kernel: Record<string, string>;
  variables: string;
  cells: ContextCell[];
  selected: ContextCell | null;
  error: string;
  mentions: Record<string, string>;
}

/** What a client tells the model of the kernel and the notebook; it is shown to nobody else. */
export interface CallerContextGiven {
  kernel?: Record<string, string> | null;
  variables?: string | null;
  cells?: ContextCellGiven[] | null;
  selected?: ContextCellGiven | null;
  error?: string | null;
  mentions?: string[] | Record<string, string> | null;
}

/** What code changed in a live kernel and its folder, and whether that can be undone. */
export interface Changes {
  variables: NamedChanges;
  files: NamedChanges;
  undo: 'full' | 'partial' | 'none' | 'undone';
  step?: number;
  id?: string;
  note?: string;
}

/** One thing that was examined. */
export interface Check {
  id: string;
  title: string;
  status: 'ok' | 'warning' | 'problem';
  detail: string;
  remedy: string | null;
}

/** Body of ``POST …/runs/{run_id}/cells/check``. */
export interface CheckCells {
  file_ids?: string[] | null;
}

/** A cell that was run in a fresh kernel. */
export interface CheckedCell {
  source: string;
  status: string;
  seconds: number;
  agrees: boolean;
  differences: string[];
  notes: string[];
}

/** What came of running a run's cells in a fresh kernel. */
export interface CheckedCells {
  object: 'thread.run.cells.check';
  thread_id: string;
  run_id: string;
  agrees: boolean;
  cells: CheckedCell[];
}

/** Extension field ``jupyter`` of a ``file_citation`` annotation. */
export interface CitationExtension {
  place: FilePlace;
  label?: string;
  start: number;
  end: number;
  quote: string;
  score: number;
}

/** Extension field ``jupyter`` of a ``file_citation`` annotation. */
export interface CitationExtensionGiven {
  place?: FilePlaceGiven | null;
  label?: string | null;
  start: number;
  end: number;
  quote: string;
  score: number;
}

/** Code and its outputs. */
export interface CodeInterpreter {
  input: string;
  outputs: (LogsOutput | ImageOutput)[];
}

/** A call of the code interpreter. */
export interface CodeInterpreterCall {
  id: string;
  type: 'code_interpreter';
  code_interpreter: CodeInterpreter;
}

/** Files that the code interpreter sees, and our extension: where the code runs. */
export interface CodeInterpreterResources {
  file_ids: string[];
  kernel_id?: string;
  sandbox?: boolean;
}

/** Files that the code interpreter sees, and our extension: where the code runs. */
export interface CodeInterpreterResourcesGiven {
  file_ids?: string[] | null;
  kernel_id?: string | null;
  sandbox?: boolean | null;
}

/** ``{"type": "code_interpreter"}`` */
export interface CodeInterpreterTool {
  type: 'code_interpreter';
}

/** One attribute compared with a value, or looked for in a list of values. */
export interface ComparisonFilter {
  type?: 'eq' | 'ne' | 'gt' | 'gte' | 'lt' | 'lte' | 'in' | 'nin';
  key: string;
  value: string | number | boolean | (string | number | boolean)[];
}

/** Body of ``POST /uploads/{upload_id}/complete``. */
export interface CompleteUpload {
  part_ids: string[];
  md5?: string | null;
}

/** Several filters joined. */
export interface CompoundFilter {
  type: 'and' | 'or';
  filters: (ComparisonFilter | CompoundFilter)[];
}

/** How an endpoint is connected. It takes no address and no key: nobody but the server has them. */
export interface ConnectEndpoint {
  model?: string | null;
}

/** A cell of the notebook that the person works in. */
export interface ContextCell {
  cell_type: 'code' | 'markdown' | 'raw';
  source: string;
  output: string;
  execution_count: number | null;
}

/** A cell of the notebook that the person works in. */
export interface ContextCellGiven {
  cell_type?: 'code' | 'markdown' | 'raw' | null;
  source?: string | null;
  output?: string | null;
  execution_count?: number | null;
}

/** Body of ``POST /threads/{thread_id}/copy``. */
export interface CopyThread {
  until?: string | null;
  metadata?: Record<string, string> | null;
}

/** Body of ``POST /assistants``. */
export interface CreateAssistant {
  model: string;
  name?: string | null;
  description?: string | null;
  instructions?: string | null;
  reasoning_effort?: 'none' | 'minimal' | 'low' | 'medium' | 'high' | 'xhigh' | 'max' | null;
  tools?: (CodeInterpreterTool | FileSearchToolGiven | FunctionToolGiven)[] | null;
  tool_resources?: ToolResourcesInput | null;
  metadata?: Record<string, string> | null;
  temperature?: number | null;
  top_p?: number | null;
  response_format?: 'auto' | TextFormat | JsonObjectFormat | JsonSchemaFormatGiven | null;
}

/** Body of ``POST /threads/{thread_id}/messages``. Text alone is one text part. */
export interface CreateMessage {
  role: 'user' | 'assistant';
  content: string | (TextInput | ImageFileContentGiven | ImageUrlContentGiven)[];
  attachments?: AttachmentGiven[] | null;
  metadata?: Record<string, string> | null;
}

/** Body of ``POST /threads/{thread_id}/runs``. */
export interface CreateRun {
  assistant_id: string;
  model?: string | null;
  reasoning_effort?: 'none' | 'minimal' | 'low' | 'medium' | 'high' | 'xhigh' | 'max' | null;
  instructions?: string | null;
  additional_instructions?: string | null;
  additional_messages?: CreateMessage[] | null;
  tools?: (CodeInterpreterTool | FileSearchToolGiven | FunctionToolGiven)[] | null;
  metadata?: Record<string, string> | null;
  temperature?: number | null;
  top_p?: number | null;
  stream?: boolean | null;
  max_prompt_tokens?: number | null;
  max_completion_tokens?: number | null;
  truncation_strategy?: TruncationStrategyGiven | null;
  tool_choice?: 'none' | 'auto' | 'required' | NamedToolChoiceGiven | null;
  parallel_tool_calls?: boolean | null;
  response_format?: 'auto' | TextFormat | JsonObjectFormat | JsonSchemaFormatGiven | null;
  jupyter?: RunExtensionInput | null;
}

/** Body of ``POST /threads``. */
export interface CreateThread {
  messages?: CreateMessage[] | null;
  tool_resources?: ToolResourcesInput | null;
  metadata?: Record<string, string> | null;
  jupyter?: ThreadExtensionInput | null;
}

/** Body of ``POST /threads/runs``. */
export interface CreateThreadAndRun {
  assistant_id: string;
  model?: string | null;
  reasoning_effort?: 'none' | 'minimal' | 'low' | 'medium' | 'high' | 'xhigh' | 'max' | null;
  instructions?: string | null;
  additional_instructions?: string | null;
  additional_messages?: CreateMessage[] | null;
  tools?: (CodeInterpreterTool | FileSearchToolGiven | FunctionToolGiven)[] | null;
  metadata?: Record<string, string> | null;
  temperature?: number | null;
  top_p?: number | null;
  stream?: boolean | null;
  max_prompt_tokens?: number | null;
  max_completion_tokens?: number | null;
  truncation_strategy?: TruncationStrategyGiven | null;
  tool_choice?: 'none' | 'auto' | 'required' | NamedToolChoiceGiven | null;
  parallel_tool_calls?: boolean | null;
  response_format?: 'auto' | TextFormat | JsonObjectFormat | JsonSchemaFormatGiven | null;
  jupyter?: RunExtensionInput | null;
  thread?: CreateThread | null;
  tool_resources?: ToolResourcesGiven | null;
}

/** Body of ``POST /uploads``. */
export interface CreateUpload {
  filename: string;
  purpose: 'assistants' | 'batch' | 'fine-tune' | 'vision' | 'user_data' | 'evals' | 'assistants_output';
  bytes: number;
  mime_type: string;
  expires_after?: FileExpiration | null;
}

/** Body of ``POST /vector_stores``. */
export interface CreateVectorStore {
  file_ids?: string[] | null;
  name?: string | null;
  expires_after?: VectorStoreExpiration | null;
  chunking_strategy?: AutoChunkingInput | StaticChunkingInput | null;
  metadata?: Record<string, string> | null;
}

/** Body of ``POST /vector_stores/{vector_store_id}/files``, and one file of a batch. */
export interface CreateVectorStoreFile {
  file_id: string;
  chunking_strategy?: AutoChunkingInput | StaticChunkingInput | null;
  attributes?: Record<string, boolean | number | string> | null;
}

/** Body of ``POST /vector_stores/{vector_store_id}/file_batches``: ``file_ids`` or ``files``. */
export interface CreateVectorStoreFileBatch {
  file_ids?: string[] | null;
  files?: CreateVectorStoreFile[] | null;
  chunking_strategy?: AutoChunkingInput | StaticChunkingInput | null;
  attributes?: Record<string, boolean | number | string> | null;
}

/** The answer to a deletion. */
export interface Deleted {
  id: string;
  object: 'assistant.deleted' | 'file' | 'thread.deleted' | 'thread.message.deleted' | 'vector_store.deleted' | 'vector_store.file.deleted';
  deleted: true;
}

/** A part of a file: a page, a slide, a paragraph, a table, lines of code. */
export interface DocumentBlock {
  place: FilePlace;
  label?: string;
  kind: 'text' | 'table' | 'code';
  head?: string;
  text: string;
  start: number;
}

/** A file's text, or a part of it. */
export interface DocumentText {
  object: 'file.text';
  file_id: string;
  filename: string;
  bytes: number;
  data: DocumentBlock[];
  first: number;
  total: number;
  has_more: boolean;
  quote_start?: number;
  quote_end?: number;
}

/** How far a vector store can be searched by meaning. */
export interface EmbeddingState {
  model: string | null;
  dimension: number | null;
  chunks: number;
  embedded: number;
}

/** What is wrong with a request, or with the server. */
export interface Error {
  error: { message: string; type: 'invalid_request_error' | 'server_error'; param: string | null; code: string | null; };
}

/** What is tried for real, beyond looking. */
export interface Examine {
  kernel?: boolean | null;
  model?: boolean | null;
}

/** A file of an exported thread; ``content`` is base64, if it was asked for. */
export interface ExportedFile {
  id: string;
  filename: string;
  purpose: 'assistants' | 'assistants_output' | 'batch' | 'batch_output' | 'evals' | 'fine-tune' | 'fine-tune-results' | 'user_data' | 'vision';
  bytes: number;
  content?: string | null;
}

/** What an export says of the thread itself. */
export interface ExportedThread {
  id?: string;
  created_at?: number;
  metadata?: Record<string, string>;
  tool_resources?: ToolResourcesGiven;
}

/** Bytes under an id. */
export interface File {
  id: string;
  created_at: number;
  object: 'file';
  bytes: number;
  filename: string;
  purpose: 'assistants' | 'assistants_output' | 'batch' | 'batch_output' | 'evals' | 'fine-tune' | 'fine-tune-results' | 'user_data' | 'vision';
  status: 'uploaded' | 'processed' | 'error';
  expires_at?: number;
  status_details?: string;
  jupyter: FileExtension;
}

/** A mark ``【1:0†source】`` in the text, and the file that it cites. */
export interface FileCitationAnnotation {
  type: 'file_citation';
  text: string;
  start_index: number;
  end_index: number;
  file_citation: FileCitationTarget;
  jupyter?: CitationExtension;
}

/** A mark ``【1:0†source】`` in the text, and the file that it cites. */
export interface FileCitationAnnotationGiven {
  type: 'file_citation';
  text: string;
  start_index: number;
  end_index: number;
  file_citation: FileCitationTarget;
  jupyter?: CitationExtensionGiven | null;
}

/** The file behind a ``file_citation`` annotation. */
export interface FileCitationTarget {
  file_id: string;
}

/** The text of a file as it was parsed: there is one page only. */
export interface FileContent {
  object: 'vector_store.file_content.page';
  data: TextPart[];
  has_more: boolean;
  next_page: string | null;
}

/** How many files of a vector store or a batch are in which state. */
export interface FileCounts {
  in_progress: number;
  completed: number;
  failed: number;
  cancelled: number;
  total: number;
}

/** Why a file is not searchable. */
export interface FileError {
  code: 'server_error' | 'unsupported_file' | 'invalid_file';
  message: string;
}

/** When a file goes by itself. */
export interface FileExpiration {
  anchor: 'created_at';
  seconds: number;
}

/** Extension field ``jupyter`` of a file. */
export interface FileExtension {
  sha256: string;
  thread_id?: string;
  run_id?: string;
}

export interface FileList {
  object: 'list';
  data: File[];
  has_more: boolean;
  first_id: string | null;
  last_id: string | null;
}

/** A link ``sandbox:/mnt/data/<name>`` in the text, and the file that it means. */
export interface FilePathAnnotation {
  type: 'file_path';
  text: string;
  start_index: number;
  end_index: number;
  file_path: FilePathTarget;
}

/** A link ``sandbox:/mnt/data/<name>`` in the text, and the file that it means. */
export interface FilePathAnnotationGiven {
  type: 'file_path';
  text: string;
  start_index: number;
  end_index: number;
  file_path: FilePathTarget;
}

/** The file behind a ``file_path`` annotation. */
export interface FilePathTarget {
  file_id: string;
}

/** Where a text stands in its file. */
export interface FilePlace {
  page?: number;
  slide?: number;
  sheet?: string;
  cells?: string;
  cell?: number;
  headings?: string[];
  lines?: number[];
  until?: PlaceFields;
}

/** Where a text stands in its file. */
export interface FilePlaceGiven {
  page?: number | null;
  slide?: number | null;
  sheet?: string | null;
  cells?: string | null;
  cell?: number | null;
  headings?: string[] | null;
  lines?: number[] | null;
  until?: PlaceFieldsGiven | null;
}

/** What a search gave; nothing as long as it goes on. */
export interface FileSearch {
  ranking_options?: RankingOptions;
  results?: FileSearchResult[];
}

/** A call of file_search. */
export interface FileSearchCall {
  id: string;
  type: 'file_search';
  file_search: FileSearch;
}

/** Options of file_search; the ranking is always shown. */
export interface FileSearchOptions {
  max_num_results?: number;
  ranking_options: RankingOptions;
}

/** Options of file_search; the ranking is always shown. */
export interface FileSearchOptionsGiven {
  max_num_results?: number | null;
  ranking_options?: RankingOptionsGiven | null;
}

/** Vector stores of an assistant or a thread. */
export interface FileSearchResources {
  vector_store_ids: string[];
}

/** Vector stores of an assistant or a thread. */
export interface FileSearchResourcesGiven {
  vector_store_ids?: string[] | null;
}

/** Vector stores that exist, or the description of a new one. */
export interface FileSearchResourcesInput {
  vector_store_ids?: string[] | null;
  vector_stores?: VectorStoreHelper[] | null;
}

/** A passage that file_search found; on the wire its text comes by ``include[]`` only. */
export interface FileSearchResult {
  file_id: string;
  file_name: string;
  score: number;
  content?: PassageText[];
  jupyter?: ResultExtension;
}

/** ``{"type": "file_search", "file_search": {…}}`` */
export interface FileSearchTool {
  type: 'file_search';
  file_search: FileSearchOptions;
}

/** ``{"type": "file_search", "file_search": {…}}`` */
export interface FileSearchToolGiven {
  type: 'file_search';
  file_search?: FileSearchOptionsGiven | null;
}

/** A call of one of the client's functions. */
export interface FunctionCallDetails {
  id: string;
  type: 'function';
  function: FunctionResult;
}

/** A function that the client runs. */
export interface FunctionDefinition {
  name: string;
  description?: string;
  parameters?: Record<string, unknown>;
  strict?: boolean;
}

/** A function that the client runs. */
export interface FunctionDefinitionGiven {
  name: string;
  description?: string | null;
  parameters?: Record<string, unknown> | null;
  strict?: boolean | null;
}

/** The name inside a named tool choice. */
export interface FunctionName {
  name: string;
}

/** A function's name, arguments and answer. */
export interface FunctionResult {
  name: string;
  arguments: string;
  output: string | null;
}

/** ``{"type": "function", "function": {…}}`` */
export interface FunctionTool {
  type: 'function';
  function: FunctionDefinition;
}

/** ``{"type": "function", "function": {…}}`` */
export interface FunctionToolGiven {
  type: 'function';
  function: FunctionDefinitionGiven;
}

/** A call that was handed out to the client, as it was, and when. */
export interface Handed {
  call: RunToolCall;
  at: number;
}

/** How much meaning and words count beside each other; 0 leaves one out. */
export interface HybridSearch {
  embedding_weight: number;
  text_weight: number;
}

/** How much meaning and words count beside each other; 0 leaves one out. */
export interface HybridSearchGiven {
  embedding_weight?: number;
  text_weight?: number;
}

/** An image in a file. */
export interface ImageFile {
  file_id: string;
  detail: 'auto' | 'low' | 'high';
}

/** An image part whose bytes are a file of ours. */
export interface ImageFileContent {
  type: 'image_file';
  image_file: ImageFile;
}

/** An image part whose bytes are a file of ours. */
export interface ImageFileContentGiven {
  type: 'image_file';
  image_file: ImageFileGiven;
}

/** An image in a file. */
export interface ImageFileGiven {
  file_id: string;
  detail?: 'auto' | 'low' | 'high' | null;
}

/** An image that code displayed. */
export interface ImageOutput {
  type: 'image';
  image: ImageRef;
}

/** An image file. */
export interface ImageRef {
  file_id: string;
}

/** An image by its address. Neither the server nor a view ever fetches it. */
export interface ImageUrl {
  url: string;
  detail: 'auto' | 'low' | 'high';
}

/** An image part given by address. */
export interface ImageUrlContent {
  type: 'image_url';
  image_url: ImageUrl;
}

/** An image part given by address. */
export interface ImageUrlContentGiven {
  type: 'image_url';
  image_url: ImageUrlGiven;
}

/** An image by its address. Neither the server nor a view ever fetches it. */
export interface ImageUrlGiven {
  url: string;
  detail?: 'auto' | 'low' | 'high' | null;
}

/** Why a message stops before its end. */
export interface IncompleteMessage {
  reason: 'content_filter' | 'max_tokens' | 'run_cancelled' | 'run_expired' | 'run_failed';
}

/** Which budget ended the run. */
export interface IncompleteRun {
  reason: 'max_completion_tokens' | 'max_prompt_tokens';
}

/** Body of ``POST …/runs/{run_id}/input_reply``: what the person typed. It is kept nowhere. */
export interface InputReply {
  value?: string | null;
}

/** What code asks a person for, in the words of Jupyter's protocol. */
export interface InputRequest {
  prompt: string;
  password: boolean;
}

/** What code asks a person for, in the words of Jupyter's protocol. */
export interface InputRequestGiven {
  prompt: string;
  password?: boolean;
}

/** One entry of a thread's history that is not a message. */
export interface Item {
  id: string;
  created_at: number;
  object?: 'thread.item';
  thread_id: string;
  run_id: string;
  type: 'function_call' | 'function_call_output' | 'reasoning' | 'context';
  call_id?: string;
  name?: string;
  arguments?: string;
  output?: string;
  kept_at?: string;
  image_file_ids?: string[];
  extras?: Record<string, unknown>;
}

/** Any JSON object. */
export interface JsonObjectFormat {
  type: 'json_object';
}

/** The schema of a structured answer. */
export interface JsonSchema {
  name: string;
  description?: string;
  schema?: Record<string, unknown>;
  strict?: boolean;
}

/** JSON that fits a schema. */
export interface JsonSchemaFormat {
  type: 'json_schema';
  json_schema: JsonSchema;
}

/** JSON that fits a schema. */
export interface JsonSchemaFormatGiven {
  type: 'json_schema';
  json_schema: JsonSchemaGiven;
}

/** The schema of a structured answer. */
export interface JsonSchemaGiven {
  name: string;
  description?: string | null;
  schema?: Record<string, unknown> | null;
  strict?: boolean | null;
}

/** Why a run or a step failed. */
export interface LastError {
  code: 'server_error' | 'rate_limit_exceeded' | 'invalid_prompt';
  message: string;
}

/** One endpoint. */
export interface ListedEndpoint {
  id: string;
  object: 'endpoint';
  title: string;
  status: 'connected' | 'offered' | 'absent';
  by: 'configuration' | 'key' | 'person' | null;
  host: string | null;
  local: boolean;
  default_model: string | null;
  why: string | null;
}

/** Text that code printed or returned. */
export interface LogsOutput {
  type: 'logs';
  logs: string;
}

/** One message of a thread. */
export interface Message {
  id: string;
  created_at: number;
  object: 'thread.message';
  thread_id: string;
  status: 'in_progress' | 'incomplete' | 'completed';
  incomplete_details: IncompleteMessage | null;
  completed_at: number | null;
  incomplete_at: number | null;
  role: 'user' | 'assistant';
  content: (TextContent | ImageFileContent | ImageUrlContent | RefusalContent)[];
  assistant_id: string | null;
  run_id: string | null;
  attachments: Attachment[] | null;
  metadata: Record<string, string>;
}

/** Details of a step that writes a message. */
export interface MessageCreationDetails {
  type: 'message_creation';
  message_creation: MessageRef;
}

/** One message of a thread. */
export interface MessageGiven {
  id: string;
  created_at: number;
  object?: 'thread.message';
  thread_id: string;
  status?: 'in_progress' | 'incomplete' | 'completed';
  incomplete_details?: IncompleteMessage | null;
  completed_at?: number | null;
  incomplete_at?: number | null;
  role: 'user' | 'assistant';
  content?: (TextContentGiven | ImageFileContentGiven | ImageUrlContentGiven | RefusalContentGiven)[];
  assistant_id?: string | null;
  run_id?: string | null;
  attachments?: AttachmentGiven[] | null;
  metadata?: Record<string, string>;
}

export interface MessageList {
  object: 'list';
  data: Message[];
  has_more: boolean;
  first_id: string | null;
  last_id: string | null;
}

/** The message that a step wrote. */
export interface MessageRef {
  message_id: string;
}

/** A model that can be asked for, or one that could be after what its extension says. */
export interface Model {
  id: string;
  object: 'model';
  created: number;
  owned_by: string;
  jupyter: ModelExtension;
}

/** Extension field ``jupyter`` of a model; a stock SDK does not notice it. */
export interface ModelExtension {
  usable: boolean;
  why?: string;
  window?: number;
  window_source?: string;
  tools?: boolean;
  vision?: boolean;
  endpoint?: string;
  advice?: string;
}

/** What the runs of one model took. ``cost`` is null where no price is configured. */
export interface ModelUsage {
  model: string;
  runs: number;
  prompt_tokens: number;
  completion_tokens: number;
  total_tokens: number;
  cost: number | null;
}

/** Body of ``POST /assistants/{assistant_id}``: what is not given stays. */
export interface ModifyAssistant {
  model?: string | null;
  name?: string | null;
  description?: string | null;
  instructions?: string | null;
  reasoning_effort?: 'none' | 'minimal' | 'low' | 'medium' | 'high' | 'xhigh' | 'max' | null;
  tools?: (CodeInterpreterTool | FileSearchToolGiven | FunctionToolGiven)[] | null;
  tool_resources?: ToolResourcesGiven | null;
  metadata?: Record<string, string> | null;
  temperature?: number | null;
  top_p?: number | null;
  response_format?: 'auto' | TextFormat | JsonObjectFormat | JsonSchemaFormatGiven | null;
}

/** Body of ``POST /threads/{thread_id}/messages/{message_id}``. */
export interface ModifyMessage {
  metadata?: Record<string, string> | null;
  content?: string | (TextInput | ImageFileContentGiven | ImageUrlContentGiven)[] | null;
}

/** Body of ``POST /threads/{thread_id}/runs/{run_id}``. */
export interface ModifyRun {
  metadata?: Record<string, string> | null;
}

/** Body of ``POST /threads/{thread_id}``: what is not given stays. */
export interface ModifyThread {
  tool_resources?: ToolResourcesGiven | null;
  metadata?: Record<string, string> | null;
  jupyter?: ThreadExtensionInput | null;
}

/** Body of ``POST /vector_stores/{vector_store_id}``: what is not given stays. */
export interface ModifyVectorStore {
  name?: string | null;
  expires_after?: VectorStoreExpiration | null;
  metadata?: Record<string, string> | null;
}

/** Body of ``POST /vector_stores/{vector_store_id}/files/{file_id}``; null clears. */
export interface ModifyVectorStoreFile {
  attributes: Record<string, boolean | number | string> | null;
}

/** Names of what is new, changed and gone. */
export interface NamedChanges {
  new: string[];
  changed: string[];
  deleted: string[];
}

/** Forces one tool once. */
export interface NamedToolChoice {
  type: 'function' | 'code_interpreter' | 'file_search';
  function?: FunctionName;
}

/** Forces one tool once. */
export interface NamedToolChoiceGiven {
  type: 'function' | 'code_interpreter' | 'file_search';
  function?: FunctionName | null;
}

/** The text of a search result. */
export interface PassageText {
  type: 'text';
  text: string;
}

/** One end of a place. What does not apply to a type of file is absent. */
export interface PlaceFields {
  page?: number;
  slide?: number;
  sheet?: string;
  cells?: string;
  cell?: number;
  headings?: string[];
  lines?: number[];
}

/** One end of a place. What does not apply to a type of file is absent. */
export interface PlaceFieldsGiven {
  page?: number | null;
  slide?: number | null;
  sheet?: string | null;
  cells?: string | null;
  cell?: number | null;
  headings?: string[] | null;
  lines?: number[] | null;
}

/** A function as the model would be told of it. */
export interface PreviewedCall {
  name: string;
  description: string;
  parameters: Record<string, unknown>;
}

/** A program that makes the same assistant, asks it, and prints the answer. */
export interface Program {
  object: 'assistant.program';
  assistant_id: string;
  language: string;
  filename: string;
  source: string;
}

/** How file_search ranks, and the least score of a result. */
export interface RankingOptions {
  score_threshold: number;
  ranker: 'auto' | 'default_2024_08_21';
  hybrid_search?: HybridSearch;
}

/** How file_search ranks, and the least score of a result. */
export interface RankingOptionsGiven {
  score_threshold: number;
  ranker?: 'auto' | 'default_2024_08_21' | null;
  hybrid_search?: HybridSearchGiven | null;
}

/** A run that is over. */
export interface Recording {
  format: 'jupyter_assistants.cassette';
  version: 1;
  key: string;
  prompt: string;
  run_id: string;
  thread_id: string;
  model: string;
  status: 'completed' | 'failed' | 'cancelled' | 'incomplete' | 'expired';
  error: string;
  recorded_at: number;
  usage: Record<string, unknown> | null;
  entries: Record<string, unknown>[];
}

/** What the model says instead of an answer. */
export interface RefusalContent {
  type: 'refusal';
  refusal: string;
}

/** What the model says instead of an answer. */
export interface RefusalContentGiven {
  type: 'refusal';
  refusal: string;
}

/** All checks. */
export interface Report {
  object: 'doctor';
  checks: Check[];
}

/** What the client has to do before the run goes on. */
export interface RequiredAction {
  type: 'submit_tool_outputs';
  submit_tool_outputs: SubmitToolOutputs;
}

/** Extension field ``jupyter`` of a result of file_search. */
export interface ResultExtension {
  places: TextPlace[];
}

/** One go of an assistant over a thread. */
export interface Run {
  id: string;
  created_at: number;
  object: 'thread.run';
  thread_id: string;
  assistant_id: string;
  status: 'queued' | 'in_progress' | 'requires_action' | 'cancelling' | 'cancelled' | 'failed' | 'completed' | 'incomplete' | 'expired';
  required_action: RequiredAction | null;
  last_error: LastError | null;
  expires_at: number | null;
  started_at: number | null;
  cancelled_at: number | null;
  failed_at: number | null;
  completed_at: number | null;
  incomplete_details: IncompleteRun | null;
  model: string;
  instructions: string;
  tools: (CodeInterpreterTool | FileSearchTool | FunctionTool)[];
  tool_resources: ToolResources;
  metadata: Record<string, string>;
  usage: Usage | null;
  temperature: number | null;
  top_p: number | null;
  max_prompt_tokens: number | null;
  max_completion_tokens: number | null;
  truncation_strategy: TruncationStrategy | null;
  tool_choice: 'none' | 'auto' | 'required' | NamedToolChoice | null;
  parallel_tool_calls: boolean;
  response_format: 'auto' | TextFormat | JsonObjectFormat | JsonSchemaFormat;
  jupyter: RunExtension;
}

/** What a cassette file holds, with one recording. */
export interface RunCassette {
  format: 'jupyter_assistants.cassette';
  version: 1;
  recordings: Recording[];
}

/** Extension field ``jupyter`` of a run; a stock SDK does not notice it. */
export interface RunExtension {
  place: 'kernel' | 'caller';
  approval?: 'ask' | 'auto';
  process?: string;
  resolved_model?: string;
  seen?: string;
  note?: string;
  waiting?: string;
  allow_stdin?: boolean;
  input_request?: InputRequest;
}

/** The extension field of a new run. */
export interface RunExtensionInput {
  place?: 'kernel' | 'caller' | null;
  approval?: 'ask' | 'auto' | null;
  process?: string | null;
  resolved_model?: string | null;
  seen?: string | null;
  note?: string | null;
  waiting?: string | null;
  allow_stdin?: boolean | null;
  input_request?: InputRequestGiven | null;
  context?: CallerContextGiven | null;
}

export interface RunList {
  object: 'list';
  data: Run[];
  has_more: boolean;
  first_id: string | null;
  last_id: string | null;
}

/** What a run would send to its model. Nothing is stored, nothing is sent. */
export interface RunPreview {
  object: 'thread.run.preview';
  thread_id: string;
  model: string;
  instructions: string;
  history: Record<string, unknown>[];
  tools: PreviewedCall[];
  estimated_tokens: number;
  seen: string;
  truncated: boolean;
  note: string | null;
}

/** One thing that a run did. */
export interface RunStep {
  id: string;
  created_at: number;
  object: 'thread.run.step';
  assistant_id: string;
  thread_id: string;
  run_id: string;
  type: 'message_creation' | 'tool_calls';
  status: 'in_progress' | 'cancelled' | 'failed' | 'completed' | 'expired';
  step_details: ToolCallsDetails | MessageCreationDetails;
  last_error: StepError | null;
  expires_at: number | null;
  expired_at: number | null;
  cancelled_at: number | null;
  failed_at: number | null;
  completed_at: number | null;
  metadata: Record<string, string>;
  usage: Usage | null;
  jupyter: StepExtension;
}

export interface RunStepList {
  object: 'list';
  data: RunStep[];
  has_more: boolean;
  first_id: string | null;
  last_id: string | null;
}

/** A call that the client answers. */
export interface RunToolCall {
  id: string;
  type: 'function';
  function: CalledFunction;
}

/** How results are ranked, and the least score of a result. */
export interface SearchRanking {
  ranker?: 'none' | 'auto' | 'default-2024-11-15' | null;
  score_threshold?: number | null;
  hybrid_search?: HybridSearchGiven | null;
}

/** A passage that was found. */
export interface SearchResult {
  file_id: string;
  filename: string;
  score: number;
  attributes: Record<string, boolean | number | string>;
  content: TextPart[];
  jupyter: ResultExtension;
}

/** All that a search gives: there is one page only. */
export interface SearchResults {
  object: 'vector_store.search_results.page';
  search_query: string[];
  data: SearchResult[];
  has_more: boolean;
  next_page: string | null;
}

/** Body of ``POST /vector_stores/{vector_store_id}/search``. */
export interface SearchVectorStore {
  query: string | string[];
  rewrite_query?: boolean | null;
  max_num_results?: number | null;
  filters?: ComparisonFilter | CompoundFilter | null;
  ranking_options?: SearchRanking | null;
}

/** Sizes in tokens. */
export interface StaticChunking {
  max_chunk_size_tokens: number;
  chunk_overlap_tokens: number;
}

/** A client's choice of sizes; both have to be given. */
export interface StaticChunkingInput {
  type: 'static';
  static: StaticChunkingSizes;
}

/** Sizes in tokens. */
export interface StaticChunkingSizes {
  max_chunk_size_tokens: number;
  chunk_overlap_tokens: number;
}

/** Chunks of one size, as they are reported for ``auto`` as well. */
export interface StaticChunkingStrategy {
  type: 'static';
  static: StaticChunking;
}

/** Why a step failed. */
export interface StepError {
  code: 'server_error' | 'rate_limit_exceeded';
  message: string;
}

/** Extension field ``jupyter`` of a step. */
export interface StepExtension {
  calls: Record<string, CallExtension>;
  seen?: string;
}

/** A file that a step's code wrote. */
export interface StepFile {
  file_id: string;
  filename: string;
  bytes: number;
}

/** Body of ``POST …/submit_tool_outputs``. */
export interface SubmitOutputs {
  tool_outputs: ToolOutput[];
  stream?: boolean | null;
}

/** The calls that wait for an answer. */
export interface SubmitToolOutputs {
  tool_calls: RunToolCall[];
}

/** A text part. */
export interface TextContent {
  type: 'text';
  text: TextValue;
}

/** A text part. */
export interface TextContentGiven {
  type: 'text';
  text: TextValueGiven;
}

/** Plain text. */
export interface TextFormat {
  type: 'text';
}

/** A text part as a client sends it. */
export interface TextInput {
  type: 'text';
  text: string;
}

/** A piece of a file's text. */
export interface TextPart {
  type: 'text';
  text: string;
}

/** A part of a file's text, and where that stands. */
export interface TextPlace {
  place: FilePlace;
  label?: string;
  start: number;
  end: number;
}

/** Text of a message; indices of annotations count Unicode code points of ``value``. */
export interface TextValue {
  value: string;
  annotations: (FilePathAnnotation | FileCitationAnnotation)[];
}

/** Text of a message; indices of annotations count Unicode code points of ``value``. */
export interface TextValueGiven {
  value: string;
  annotations?: (FilePathAnnotationGiven | FileCitationAnnotationGiven)[];
}

/** A conversation that lasts. */
export interface Thread {
  id: string;
  created_at: number;
  object: 'thread';
  tool_resources: ToolResources;
  metadata: Record<string, string>;
  jupyter: ThreadExtension;
}

/** A thread in one JSON object; the body of ``POST /threads/import`` too. */
export interface ThreadExport {
  object: 'thread.export';
  version: 1;
  thread?: ExportedThread | null;
  entries?: (MessageGiven | Item)[] | null;
  files?: ExportedFile[] | null;
}

/** Extension field ``jupyter`` of a thread; a stock SDK does not notice it. */
export interface ThreadExtension {
  context?: 'none' | 'names' | 'schema' | 'rows';
  context_shown?: boolean;
  always?: string[];
}

/** The extension field of a new or changed thread: what is not given stays. */
export interface ThreadExtensionInput {
  context?: 'none' | 'names' | 'schema' | 'rows' | null;
  context_shown?: boolean | null;
  always?: string[] | null;
}

export interface ThreadList {
  object: 'list';
  data: Thread[];
  has_more: boolean;
  first_id: string | null;
  last_id: string | null;
}

/** A part of a thread: messages, and the runs of that time with their steps, oldest first. */
export interface ThreadTranscript {
  object: 'thread.transcript';
  messages: Message[];
  runs: Run[];
  steps: RunStep[];
  has_more: boolean;
}

/** What the runs of a thread took. ``cost`` is in dollars, null where a price is missing. */
export interface ThreadUsage {
  object: 'thread.usage';
  thread_id: string;
  runs: number;
  prompt_tokens: number;
  completion_tokens: number;
  total_tokens: number;
  cost: number | null;
  models: ModelUsage[];
}

/** Details of a step that calls tools. */
export interface ToolCallsDetails {
  type: 'tool_calls';
  tool_calls: (CodeInterpreterCall | FileSearchCall | FunctionCallDetails)[];
}

/** One answer to one call. */
export interface ToolOutput {
  tool_call_id?: string | null;
  output?: string | null;
  jupyter?: Record<string, unknown> | null;
}

/** What the tools work on; a tool that has nothing has no key. */
export interface ToolResources {
  code_interpreter?: CodeInterpreterResources;
  file_search?: FileSearchResources;
}

/** What the tools work on; a tool that has nothing has no key. */
export interface ToolResourcesGiven {
  code_interpreter?: CodeInterpreterResourcesGiven | null;
  file_search?: FileSearchResourcesGiven | null;
}

/** Tool resources of a new assistant or thread. */
export interface ToolResourcesInput {
  code_interpreter?: CodeInterpreterResourcesGiven | null;
  file_search?: FileSearchResourcesInput | null;
}

/** Which messages of a long thread the model sees. */
export interface TruncationStrategy {
  type: 'auto' | 'last_messages';
  last_messages: number | null;
}

/** Which messages of a long thread the model sees. */
export interface TruncationStrategyGiven {
  type?: 'auto' | 'last_messages' | null;
  last_messages?: number | null;
}

/** Body of ``POST …/steps/{step_id}/undo``. */
export interface UndoStep {
  force?: boolean | null;
  undone?: boolean | null;
}

/** A file that is being sent in parts, or was. */
export interface Upload {
  id: string;
  created_at: number;
  object: 'upload';
  filename: string;
  bytes: number;
  purpose: 'assistants' | 'assistants_output' | 'batch' | 'batch_output' | 'evals' | 'fine-tune' | 'fine-tune-results' | 'user_data' | 'vision';
  status: 'pending' | 'completed' | 'cancelled' | 'expired';
  expires_at: number;
  file: File | null;
}

/** Some of the bytes of an upload. */
export interface UploadPart {
  id: string;
  created_at: number;
  object: 'upload.part';
  upload_id: string;
}

/** Tokens as the model's endpoint counted them. */
export interface Usage {
  prompt_tokens: number;
  completion_tokens: number;
  total_tokens: number;
  cached_tokens?: number;
}

/** One variable: its type, what it is (shape, columns, size), and first rows of a table. */
export interface Variable {
  name: string;
  type: string;
  text: string;
  rows: string;
}

/** The variables of a kernel. */
export interface VariableList {
  object: 'list';
  kernel_id: string;
  state: 'seen' | 'busy' | 'foreign';
  data: Variable[];
  left_out: number;
  value: string | null;
}

/** Files made searchable. */
export interface VectorStore {
  id: string;
  created_at: number;
  object: 'vector_store';
  name: string;
  usage_bytes: number;
  file_counts: FileCounts;
  status: 'expired' | 'in_progress' | 'completed';
  expires_after: VectorStoreExpiration | null;
  expires_at: number | null;
  last_active_at: number;
  metadata: Record<string, string>;
  jupyter: VectorStoreExtension;
}

/** When a vector store expires by itself. */
export interface VectorStoreExpiration {
  anchor: 'last_active_at';
  days: number;
}

/** What is ours in a vector store. */
export interface VectorStoreExtension {
  embeddings: EmbeddingState;
}

/** A file in a vector store; on the wire it goes by the file's id. */
export interface VectorStoreFile {
  id: string;
  created_at: number;
  object: 'vector_store.file';
  usage_bytes: number;
  vector_store_id: string;
  status: 'in_progress' | 'completed' | 'cancelled' | 'failed';
  last_error: FileError | null;
  chunking_strategy: StaticChunkingStrategy;
  attributes: Record<string, boolean | number | string>;
}

/** Files attached together. ``status`` and ``file_counts`` are derived when it is shown. */
export interface VectorStoreFileBatch {
  id: string;
  created_at: number;
  object: 'vector_store.files_batch';
  vector_store_id: string;
  status: 'in_progress' | 'completed' | 'cancelled' | 'failed';
  file_counts: FileCounts;
}

export interface VectorStoreFileList {
  object: 'list';
  data: VectorStoreFile[];
  has_more: boolean;
  first_id: string | null;
  last_id: string | null;
}

/** A vector store that is made along with an assistant or a thread. */
export interface VectorStoreHelper {
  file_ids?: string[] | null;
  chunking_strategy?: AutoChunkingInput | StaticChunkingInput | null;
  metadata?: Record<string, string> | null;
}

export interface VectorStoreList {
  object: 'list';
  data: VectorStore[];
  has_more: boolean;
  first_id: string | null;
  last_id: string | null;
}
