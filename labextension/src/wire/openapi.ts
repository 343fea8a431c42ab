// Generated from the OpenAPI document of the server by `jlpm types`. Do not edit.
export type paths = Record<string, never>;
export type webhooks = Record<string, never>;
export type components = {
    schemas: {
        /** @description Instructions, a model and tools under one id. */
        Assistant: {
            id: string;
            created_at: number;
            /**
             * @default assistant
             * @constant
             */
            object: "assistant";
            /** @default null */
            name: string | null;
            /** @default null */
            description: string | null;
            model: string;
            /** @default null */
            instructions: string | null;
            /** @default [] */
            tools: (components["schemas"]["CodeInterpreterTool"] | components["schemas"]["FileSearchTool-Output"] | components["schemas"]["FunctionTool-Output"])[];
            /** @default {} */
            tool_resources: components["schemas"]["ToolResources-Output"];
            /** @default {} */
            metadata: {
                [key: string]: string;
            };
            /** @default 1 */
            temperature: number | null;
            /** @default 1 */
            top_p: number | null;
            /** @default auto */
            response_format: ("auto" | (components["schemas"]["TextFormat"] | components["schemas"]["JsonObjectFormat"] | components["schemas"]["JsonSchemaFormat-Output"])) | null;
        };
        AssistantList: {
            /**
             * @default list
             * @constant
             */
            object: "list";
            data: components["schemas"]["Assistant"][];
            /** @default false */
            has_more: boolean;
            /** @description Return the first item's id; null for an empty page. */
            readonly first_id: string | null;
            /** @description Return the last item's id; null for an empty page. */
            readonly last_id: string | null;
        };
        /** @description A file given with a message. */
        "Attachment-Input": {
            file_id: string;
            /** @default [] */
            tools?: components["schemas"]["AttachmentTool"][] | null;
        };
        /** @description A file given with a message. */
        "Attachment-Output": {
            file_id: string;
            /** @default [] */
            tools: components["schemas"]["AttachmentTool"][];
        };
        /** @description The tool that an attached file is for. */
        AttachmentTool: {
            /** @enum {string} */
            type: "code_interpreter" | "file_search";
        };
        /** @description We choose. */
        AutoChunkingInput: {
            /**
             * @description discriminator enum property added by openapi-typescript
             * @enum {string}
             */
            type: "auto";
        };
        /**
         * @description What one execution gave, in Jupyter's own terms.
         *
         *     Parameters
         *     ----------
         *     outputs
         *         nbformat output dicts, every mime type kept.
         *     files
         *         Files that the code wrote into the working folder.
         *     seconds
         *         How long the code ran.
         *     status
         *         ``ok``, ``error``, ``interrupted``, ``timeout``, ``died`` or ``rejected``.
         *     note
         *         Why it ended, what was cut, or why it was rejected.
         *     place
         *         Where it ran: ``caller``, or ``kernel <id>``.
         *     number
         *         The first number of the marks that cite what the call found.
         *     queries
         *         What was searched for.
         *     language
         *         The language of the code, for people; null where it is Python.
         *     changes
         *         What the code changed, where somebody kept a ledger of it.
         */
        CallExtension: {
            /** @default [] */
            outputs: {
                [key: string]: unknown;
            }[];
            /** @default [] */
            files: components["schemas"]["StepFile"][];
            seconds?: number;
            status?: string;
            note?: string;
            place?: string;
            number?: number;
            queries?: string[];
            language?: string;
            changes?: components["schemas"]["Changes"];
        };
        /** @description Name and JSON arguments of a call. */
        CalledFunction: {
            name: string;
            arguments: string;
        };
        /**
         * @description What a client tells the model of the kernel and the notebook; it is shown to nobody else.
         *
         *     How much of it the model is told, the thread says (:data:`.threads.ContextLevel`).
         *
         *     Parameters
         *     ----------
         *     kernel
         *         Facts: ``python``, ``folder`` and ``packages``.
         *     variables
         *         The variables, one to a line. For a kernel of this server they are looked up here.
         *     cells
         *         The cells above the selected one, in order; each as an object or as its source alone.
         *     selected
         *         The selected cell.
         *     error
         *         The last traceback.
         *     mentions
         *         Variables that the prompt mentions as ``@name``: names, or values by name.
         */
        "CallerContext-Input": {
            /** @default {} */
            kernel?: {
                [key: string]: string;
            } | null;
            /** @default  */
            variables?: string | null;
            /** @default [] */
            cells?: components["schemas"]["ContextCell-Input"][] | null;
            /** @default null */
            selected?: components["schemas"]["ContextCell-Input"] | null;
            /** @default  */
            error?: string | null;
            /** @default {} */
            mentions?: (string[] | {
                [key: string]: string;
            }) | null;
        };
        /**
         * @description What a client tells the model of the kernel and the notebook; it is shown to nobody else.
         *
         *     How much of it the model is told, the thread says (:data:`.threads.ContextLevel`).
         *
         *     Parameters
         *     ----------
         *     kernel
         *         Facts: ``python``, ``folder`` and ``packages``.
         *     variables
         *         The variables, one to a line. For a kernel of this server they are looked up here.
         *     cells
         *         The cells above the selected one, in order; each as an object or as its source alone.
         *     selected
         *         The selected cell.
         *     error
         *         The last traceback.
         *     mentions
         *         Variables that the prompt mentions as ``@name``: names, or values by name.
         */
        "CallerContext-Output": {
            /** @default {} */
            kernel: {
                [key: string]: string;
            };
            /** @default  */
            variables: string;
            /** @default [] */
            cells: components["schemas"]["ContextCell-Output"][];
            /** @default null */
            selected: components["schemas"]["ContextCell-Output"] | null;
            /** @default  */
            error: string;
            /** @default {} */
            mentions: {
                [key: string]: string;
            };
        };
        /**
         * @description What code changed in a live kernel and its folder, and whether that can be undone.
         *
         *     Parameters
         *     ----------
         *     undo
         *         ``full``; ``partial``, where the note says what cannot be restored; ``none``; or
         *         ``undone`` once it was.
         *     step
         *         Its number in the kernel, for ``%assistant undo``.
         *     id
         *         What names it in the kernel.
         *     note
         *         What cannot be restored, and why.
         */
        Changes: {
            /**
             * @default {
             *       "new": [],
             *       "changed": [],
             *       "deleted": []
             *     }
             */
            variables: components["schemas"]["NamedChanges"];
            /**
             * @default {
             *       "new": [],
             *       "changed": [],
             *       "deleted": []
             *     }
             */
            files: components["schemas"]["NamedChanges"];
            /**
             * @default none
             * @enum {string}
             */
            undo: "full" | "partial" | "none" | "undone";
            step?: number;
            id?: string;
            note?: string;
        };
        /**
         * @description One thing that was examined.
         *
         *     Parameters
         *     ----------
         *     id
         *         Its name for programs, for example ``database``.
         *     status
         *         ``problem``: something does not work; ``warning``: it works and could do harm later.
         *     detail
         *         What was found.
         *     remedy
         *         What to do; null where nothing is to be done.
         */
        Check: {
            id: string;
            title: string;
            /** @enum {string} */
            status: "ok" | "warning" | "problem";
            detail: string;
            /** @default null */
            remedy: string | null;
        };
        /**
         * @description Body of ``POST …/runs/{run_id}/cells/check``.
         *
         *     Parameters
         *     ----------
         *     file_ids
         *         Files that the code reads, beside those of the run: they are put into the folder first.
         */
        CheckCells: {
            /** @default [] */
            file_ids?: string[] | null;
        };
        /**
         * @description A cell that was run in a fresh kernel.
         *
         *     Parameters
         *     ----------
         *     agrees
         *         Whether its outputs are those of the run: numbers within a tolerance, text equal, an image
         *         where there was one.
         *     differences, notes
         *         What differs, and what is not the same without being a difference.
         */
        CheckedCell: {
            source: string;
            status: string;
            seconds: number;
            agrees: boolean;
            /** @default [] */
            differences: string[];
            /** @default [] */
            notes: string[];
        };
        /** @description What came of running a run's cells in a fresh kernel. */
        CheckedCells: {
            /**
             * @default thread.run.cells.check
             * @constant
             */
            object: "thread.run.cells.check";
            thread_id: string;
            run_id: string;
            agrees: boolean;
            cells: components["schemas"]["CheckedCell"][];
        };
        /**
         * @description Extension field ``jupyter`` of a ``file_citation`` annotation.
         *
         *     Parameters
         *     ----------
         *     quote
         *         What the statement was taken from: word for word what stands at the place.
         *     score
         *         How well the passage fitted the query.
         */
        "CitationExtension-Input": {
            /** @default {} */
            place?: components["schemas"]["FilePlace-Input"] | null;
            /** @default null */
            label?: string | null;
            start: number;
            end: number;
            quote: string;
            score: number;
        };
        /**
         * @description Extension field ``jupyter`` of a ``file_citation`` annotation.
         *
         *     Parameters
         *     ----------
         *     quote
         *         What the statement was taken from: word for word what stands at the place.
         *     score
         *         How well the passage fitted the query.
         */
        "CitationExtension-Output": {
            /** @default {} */
            place: components["schemas"]["FilePlace-Output"];
            label?: string;
            start: number;
            end: number;
            quote: string;
            score: number;
        };
        /** @description Code and its outputs. */
        CodeInterpreter: {
            /** @default  */
            input: string;
            /** @default [] */
            outputs: (components["schemas"]["LogsOutput"] | components["schemas"]["ImageOutput"])[];
        };
        /** @description A call of the code interpreter. */
        CodeInterpreterCall: {
            id: string;
            /**
             * @description discriminator enum property added by openapi-typescript
             * @enum {string}
             */
            type: "code_interpreter";
            code_interpreter: components["schemas"]["CodeInterpreter"];
        };
        /** @description Files that the code interpreter sees, and our extension: where the code runs. */
        "CodeInterpreterResources-Input": {
            /** @default [] */
            file_ids?: string[] | null;
            /** @default null */
            kernel_id?: string | null;
            /** @default null */
            sandbox?: boolean | null;
        };
        /** @description Files that the code interpreter sees, and our extension: where the code runs. */
        "CodeInterpreterResources-Output": {
            /** @default [] */
            file_ids: string[];
            kernel_id?: string;
            sandbox?: boolean;
        };
        /** @description ``{"type": "code_interpreter"}`` */
        CodeInterpreterTool: {
            /**
             * @description discriminator enum property added by openapi-typescript
             * @enum {string}
             */
            type: "code_interpreter";
        };
        /** @description One attribute compared with a value, or looked for in a list of values. */
        ComparisonFilter: {
            /**
             * @default eq
             * @enum {string}
             */
            type?: "eq" | "ne" | "gt" | "gte" | "lt" | "lte" | "in" | "nin";
            key: string;
            value: string | number | boolean | (string | number | boolean)[];
        };
        /**
         * @description Body of ``POST /uploads/{upload_id}/complete``.
         *
         *     Parameters
         *     ----------
         *     part_ids
         *         The parts in the order in which they make up the file.
         *     md5
         *         The hexadecimal digest that the file must have.
         */
        CompleteUpload: {
            part_ids: string[];
            /** @default null */
            md5?: string | null;
        };
        /** @description Several filters joined. */
        CompoundFilter: {
            /** @enum {string} */
            type: "and" | "or";
            filters: (components["schemas"]["ComparisonFilter"] | components["schemas"]["CompoundFilter"])[];
        };
        /**
         * @description How an endpoint is connected. It takes no address and no key: nobody but the server has them.
         *
         *     Parameters
         *     ----------
         *     model
         *         The model of it that becomes the default, where the administrator chose none. Without it,
         *         the first one that makes text takes the place of ``demo``.
         */
        ConnectEndpoint: {
            /** @default null */
            model?: string | null;
        };
        /**
         * @description A cell of the notebook that the person works in.
         *
         *     Parameters
         *     ----------
         *     output
         *         What stands below it, as text.
         */
        "ContextCell-Input": {
            /** @default code */
            cell_type?: ("code" | "markdown" | "raw") | null;
            /** @default  */
            source?: string | null;
            /** @default  */
            output?: string | null;
            /** @default null */
            execution_count?: number | null;
        };
        /**
         * @description A cell of the notebook that the person works in.
         *
         *     Parameters
         *     ----------
         *     output
         *         What stands below it, as text.
         */
        "ContextCell-Output": {
            /**
             * @default code
             * @enum {string}
             */
            cell_type: "code" | "markdown" | "raw";
            /** @default  */
            source: string;
            /** @default  */
            output: string;
            /** @default null */
            execution_count: number | null;
        };
        /**
         * @description Body of ``POST /threads/{thread_id}/copy``.
         *
         *     Parameters
         *     ----------
         *     until
         *         The last message of the copy; without it everything is copied.
         *     metadata
         *         Of the copy; without it that of the original.
         */
        CopyThread: {
            /** @default null */
            until?: string | null;
            /** @default null */
            metadata?: {
                [key: string]: string;
            } | null;
        };
        /** @description Body of ``POST /assistants``. */
        CreateAssistant: {
            model: string;
            /** @default null */
            name?: string | null;
            /** @default null */
            description?: string | null;
            /** @default null */
            instructions?: string | null;
            /** @default null */
            reasoning_effort?: ("none" | "minimal" | "low" | "medium" | "high" | "xhigh" | "max") | null;
            /** @default [] */
            tools?: (components["schemas"]["CodeInterpreterTool"] | components["schemas"]["FileSearchTool-Input"] | components["schemas"]["FunctionTool-Input"])[] | null;
            /**
             * @default {
             *       "code_interpreter": null,
             *       "file_search": null
             *     }
             */
            tool_resources?: components["schemas"]["ToolResourcesInput"] | null;
            /** @default {} */
            metadata?: {
                [key: string]: string;
            } | null;
            /** @default null */
            temperature?: number | null;
            /** @default null */
            top_p?: number | null;
            /** @default null */
            response_format?: ("auto" | (components["schemas"]["TextFormat"] | components["schemas"]["JsonObjectFormat"] | components["schemas"]["JsonSchemaFormat-Input"])) | null;
        };
        /** @description Body of ``POST /threads/{thread_id}/messages``. Text alone is one text part. */
        CreateMessage: {
            /** @enum {string} */
            role: "user" | "assistant";
            content: string | (components["schemas"]["TextInput"] | components["schemas"]["ImageFileContent-Input"] | components["schemas"]["ImageUrlContent-Input"])[];
            /** @default [] */
            attachments?: components["schemas"]["Attachment-Input"][] | null;
            /** @default {} */
            metadata?: {
                [key: string]: string;
            } | null;
        };
        /** @description Body of ``POST /threads/{thread_id}/runs``. */
        CreateRun: {
            assistant_id: string;
            /** @default null */
            model?: string | null;
            /** @default null */
            reasoning_effort?: ("none" | "minimal" | "low" | "medium" | "high" | "xhigh" | "max") | null;
            /** @default null */
            instructions?: string | null;
            /** @default null */
            additional_instructions?: string | null;
            /** @default [] */
            additional_messages?: components["schemas"]["CreateMessage"][] | null;
            /** @default null */
            tools?: (components["schemas"]["CodeInterpreterTool"] | components["schemas"]["FileSearchTool-Input"] | components["schemas"]["FunctionTool-Input"])[] | null;
            /** @default {} */
            metadata?: {
                [key: string]: string;
            } | null;
            /** @default null */
            temperature?: number | null;
            /** @default null */
            top_p?: number | null;
            /** @default false */
            stream?: boolean | null;
            /** @default null */
            max_prompt_tokens?: number | null;
            /** @default null */
            max_completion_tokens?: number | null;
            /** @default null */
            truncation_strategy?: components["schemas"]["TruncationStrategy-Input"] | null;
            /** @default null */
            tool_choice?: (("none" | "auto" | "required") | components["schemas"]["NamedToolChoice-Input"]) | null;
            /** @default true */
            parallel_tool_calls?: boolean | null;
            /** @default null */
            response_format?: ("auto" | (components["schemas"]["TextFormat"] | components["schemas"]["JsonObjectFormat"] | components["schemas"]["JsonSchemaFormat-Input"])) | null;
            /**
             * @default {
             *       "place": "kernel"
             *     }
             */
            jupyter?: components["schemas"]["RunExtensionInput"] | null;
        };
        /** @description Body of ``POST /threads``. */
        CreateThread: {
            /** @default [] */
            messages?: components["schemas"]["CreateMessage"][] | null;
            /**
             * @default {
             *       "code_interpreter": null,
             *       "file_search": null
             *     }
             */
            tool_resources?: components["schemas"]["ToolResourcesInput"] | null;
            /** @default {} */
            metadata?: {
                [key: string]: string;
            } | null;
            /** @default null */
            jupyter?: components["schemas"]["ThreadExtensionInput"] | null;
        };
        /** @description Body of ``POST /threads/runs``. */
        CreateThreadAndRun: {
            assistant_id: string;
            /** @default null */
            model?: string | null;
            /** @default null */
            reasoning_effort?: ("none" | "minimal" | "low" | "medium" | "high" | "xhigh" | "max") | null;
            /** @default null */
            instructions?: string | null;
            /** @default null */
            additional_instructions?: string | null;
            /** @default [] */
            additional_messages?: components["schemas"]["CreateMessage"][] | null;
            /** @default null */
            tools?: (components["schemas"]["CodeInterpreterTool"] | components["schemas"]["FileSearchTool-Input"] | components["schemas"]["FunctionTool-Input"])[] | null;
            /** @default {} */
            metadata?: {
                [key: string]: string;
            } | null;
            /** @default null */
            temperature?: number | null;
            /** @default null */
            top_p?: number | null;
            /** @default false */
            stream?: boolean | null;
            /** @default null */
            max_prompt_tokens?: number | null;
            /** @default null */
            max_completion_tokens?: number | null;
            /** @default null */
            truncation_strategy?: components["schemas"]["TruncationStrategy-Input"] | null;
            /** @default null */
            tool_choice?: (("none" | "auto" | "required") | components["schemas"]["NamedToolChoice-Input"]) | null;
            /** @default true */
            parallel_tool_calls?: boolean | null;
            /** @default null */
            response_format?: ("auto" | (components["schemas"]["TextFormat"] | components["schemas"]["JsonObjectFormat"] | components["schemas"]["JsonSchemaFormat-Input"])) | null;
            /**
             * @default {
             *       "place": "kernel"
             *     }
             */
            jupyter?: components["schemas"]["RunExtensionInput"] | null;
            /**
             * @default {
             *       "messages": [],
             *       "tool_resources": {
             *         "code_interpreter": null,
             *         "file_search": null
             *       },
             *       "metadata": {},
             *       "jupyter": null
             *     }
             */
            thread?: components["schemas"]["CreateThread"] | null;
            /** @default null */
            tool_resources?: components["schemas"]["ToolResources-Input"] | null;
        };
        /** @description Body of ``POST /uploads``. */
        CreateUpload: {
            filename: string;
            /** @enum {string} */
            purpose: "assistants" | "batch" | "fine-tune" | "vision" | "user_data" | "evals" | "assistants_output";
            bytes: number;
            mime_type: string;
            /** @default null */
            expires_after?: components["schemas"]["FileExpiration"] | null;
        };
        /** @description Body of ``POST /vector_stores``. */
        CreateVectorStore: {
            /** @default [] */
            file_ids?: string[] | null;
            /** @default  */
            name?: string | null;
            /** @default null */
            expires_after?: components["schemas"]["VectorStoreExpiration"] | null;
            /** @default null */
            chunking_strategy?: (components["schemas"]["AutoChunkingInput"] | components["schemas"]["StaticChunkingInput"]) | null;
            /** @default {} */
            metadata?: {
                [key: string]: string;
            } | null;
        };
        /** @description Body of ``POST /vector_stores/{vector_store_id}/files``, and one file of a batch. */
        CreateVectorStoreFile: {
            file_id: string;
            /** @default null */
            chunking_strategy?: (components["schemas"]["AutoChunkingInput"] | components["schemas"]["StaticChunkingInput"]) | null;
            /** @default {} */
            attributes?: {
                [key: string]: boolean | (number) | string;
            } | null;
        };
        /**
         * @description Body of ``POST /vector_stores/{vector_store_id}/file_batches``: ``file_ids`` or ``files``.
         *
         *     With ``files``, each has options of its own and the common ones are passed over.
         */
        CreateVectorStoreFileBatch: {
            /** @default null */
            file_ids?: string[] | null;
            /** @default null */
            files?: components["schemas"]["CreateVectorStoreFile"][] | null;
            /** @default null */
            chunking_strategy?: (components["schemas"]["AutoChunkingInput"] | components["schemas"]["StaticChunkingInput"]) | null;
            /** @default {} */
            attributes?: {
                [key: string]: boolean | (number) | string;
            } | null;
        };
        /** @description The answer to a deletion. */
        Deleted: {
            id: string;
            /** @enum {string} */
            object: "assistant.deleted" | "file" | "thread.deleted" | "thread.message.deleted" | "vector_store.deleted" | "vector_store.file.deleted";
            /**
             * @default true
             * @constant
             */
            deleted: true;
        };
        /**
         * @description A part of a file: a page, a slide, a paragraph, a table, lines of code.
         *
         *     Parameters
         *     ----------
         *     label
         *         Its place in a few words; absent where there is no other part.
         *     kind
         *         ``text``, ``table`` (its rows are lines) or ``code``.
         *     head
         *         The names of a table's columns.
         *     start
         *         Where it begins in the file's text. Between two blocks there are two characters.
         */
        DocumentBlock: {
            /** @default {} */
            place: components["schemas"]["FilePlace-Output"];
            label?: string;
            /**
             * @default text
             * @enum {string}
             */
            kind: "text" | "table" | "code";
            head?: string;
            text: string;
            start: number;
        };
        /**
         * @description A file's text, or a part of it.
         *
         *     Parameters
         *     ----------
         *     first, total
         *         Which block ``data`` begins with, and how many there are.
         *     quote_start, quote_end
         *         The characters that were asked for.
         */
        DocumentText: {
            /**
             * @default file.text
             * @constant
             */
            object: "file.text";
            file_id: string;
            filename: string;
            bytes: number;
            data: components["schemas"]["DocumentBlock"][];
            first: number;
            total: number;
            has_more: boolean;
            quote_start?: number;
            quote_end?: number;
        };
        /**
         * @description How far a vector store can be searched by meaning.
         *
         *     Parameters
         *     ----------
         *     model
         *         What makes the vectors; null where files are found by their words alone.
         *     dimension
         *         Of its vectors, as soon as there are any.
         *     chunks, embedded
         *         How many chunks the files have, and how many of these have vectors of this model.
         */
        EmbeddingState: {
            /** @default null */
            model: string | null;
            /** @default null */
            dimension: number | null;
            /** @default 0 */
            chunks: number;
            /** @default 0 */
            embedded: number;
        };
        /**
         * @description What is tried for real, beyond looking.
         *
         *     Parameters
         *     ----------
         *     kernel
         *         Whether a kernel is started, used and ended.
         *     model
         *         Whether the default model gets a small request with a tool; it costs a few tokens.
         */
        Examine: {
            /** @default false */
            kernel?: boolean | null;
            /** @default false */
            model?: boolean | null;
        };
        /** @description A file of an exported thread; ``content`` is base64, if it was asked for. */
        ExportedFile: {
            id: string;
            filename: string;
            /** @enum {string} */
            purpose: "assistants" | "assistants_output" | "batch" | "batch_output" | "evals" | "fine-tune" | "fine-tune-results" | "user_data" | "vision";
            bytes: number;
            /** @default null */
            content?: string | null;
        };
        /** @description What an export says of the thread itself. */
        ExportedThread: {
            /** @default  */
            id?: string;
            /** @default 0 */
            created_at?: number;
            /** @default {} */
            metadata?: {
                [key: string]: string;
            };
            /** @default {} */
            tool_resources?: components["schemas"]["ToolResources-Input"];
        };
        /** @description Bytes under an id. */
        File: {
            id: string;
            created_at: number;
            /**
             * @default file
             * @constant
             */
            object: "file";
            bytes: number;
            filename: string;
            /** @enum {string} */
            purpose: "assistants" | "assistants_output" | "batch" | "batch_output" | "evals" | "fine-tune" | "fine-tune-results" | "user_data" | "vision";
            /**
             * @default processed
             * @enum {string}
             */
            status: "uploaded" | "processed" | "error";
            expires_at?: number;
            status_details?: string;
            /**
             * @default {
             *       "sha256": ""
             *     }
             */
            jupyter: components["schemas"]["FileExtension"];
        };
        /**
         * @description A mark ``【1:0†source】`` in the text, and the file that it cites.
         *
         *     Parameters
         *     ----------
         *     jupyter
         *         Extension: the quote and its place.
         */
        "FileCitationAnnotation-Input": {
            /**
             * @description discriminator enum property added by openapi-typescript
             * @enum {string}
             */
            type: "file_citation";
            text: string;
            start_index: number;
            end_index: number;
            file_citation: components["schemas"]["FileCitationTarget"];
            /** @default null */
            jupyter?: components["schemas"]["CitationExtension-Input"] | null;
        };
        /**
         * @description A mark ``【1:0†source】`` in the text, and the file that it cites.
         *
         *     Parameters
         *     ----------
         *     jupyter
         *         Extension: the quote and its place.
         */
        "FileCitationAnnotation-Output": {
            /**
             * @description discriminator enum property added by openapi-typescript
             * @enum {string}
             */
            type: "file_citation";
            text: string;
            start_index: number;
            end_index: number;
            file_citation: components["schemas"]["FileCitationTarget"];
            jupyter?: components["schemas"]["CitationExtension-Output"];
        };
        /** @description The file behind a ``file_citation`` annotation. */
        FileCitationTarget: {
            file_id: string;
        };
        /** @description The text of a file as it was parsed: there is one page only. */
        FileContent: {
            /**
             * @default vector_store.file_content.page
             * @constant
             */
            object: "vector_store.file_content.page";
            data: components["schemas"]["TextPart"][];
            /** @default false */
            has_more: boolean;
            /** @default null */
            next_page: string | null;
        };
        /** @description How many files of a vector store or a batch are in which state. */
        FileCounts: {
            /** @default 0 */
            in_progress: number;
            /** @default 0 */
            completed: number;
            /** @default 0 */
            failed: number;
            /** @default 0 */
            cancelled: number;
            /** @default 0 */
            total: number;
        };
        /** @description Why a file is not searchable. */
        FileError: {
            /** @enum {string} */
            code: "server_error" | "unsupported_file" | "invalid_file";
            message: string;
        };
        /** @description When a file goes by itself. */
        FileExpiration: {
            /** @constant */
            anchor: "created_at";
            seconds: number;
        };
        /**
         * @description Extension field ``jupyter`` of a file.
         *
         *     Parameters
         *     ----------
         *     sha256
         *         The hash of the bytes; it names them in the store.
         *     thread_id, run_id
         *         The run whose code wrote the file.
         */
        FileExtension: {
            /** @default  */
            sha256: string;
            thread_id?: string;
            run_id?: string;
        };
        FileList: {
            /**
             * @default list
             * @constant
             */
            object: "list";
            data: components["schemas"]["File"][];
            /** @default false */
            has_more: boolean;
            /** @description Return the first item's id; null for an empty page. */
            readonly first_id: string | null;
            /** @description Return the last item's id; null for an empty page. */
            readonly last_id: string | null;
        };
        /** @description A link ``sandbox:/mnt/data/<name>`` in the text, and the file that it means. */
        "FilePathAnnotation-Input": {
            /**
             * @description discriminator enum property added by openapi-typescript
             * @enum {string}
             */
            type: "file_path";
            text: string;
            start_index: number;
            end_index: number;
            file_path: components["schemas"]["FilePathTarget"];
        };
        /** @description A link ``sandbox:/mnt/data/<name>`` in the text, and the file that it means. */
        "FilePathAnnotation-Output": {
            /**
             * @description discriminator enum property added by openapi-typescript
             * @enum {string}
             */
            type: "file_path";
            text: string;
            start_index: number;
            end_index: number;
            file_path: components["schemas"]["FilePathTarget"];
        };
        /** @description The file behind a ``file_path`` annotation. */
        FilePathTarget: {
            file_id: string;
        };
        /**
         * @description Where a text stands in its file.
         *
         *     Parameters
         *     ----------
         *     until
         *         Where it ends, if that is in another page, cell, … than where it begins.
         */
        "FilePlace-Input": {
            /** @default null */
            page?: number | null;
            /** @default null */
            slide?: number | null;
            /** @default null */
            sheet?: string | null;
            /** @default null */
            cells?: string | null;
            /** @default null */
            cell?: number | null;
            /** @default null */
            headings?: string[] | null;
            /** @default null */
            lines?: number[] | null;
            /** @default null */
            until?: components["schemas"]["PlaceFields-Input"] | null;
        };
        /**
         * @description Where a text stands in its file.
         *
         *     Parameters
         *     ----------
         *     until
         *         Where it ends, if that is in another page, cell, … than where it begins.
         */
        "FilePlace-Output": {
            page?: number;
            slide?: number;
            sheet?: string;
            cells?: string;
            cell?: number;
            headings?: string[];
            lines?: number[];
            until?: components["schemas"]["PlaceFields-Output"];
        };
        /** @description What a search gave; nothing as long as it goes on. */
        FileSearch: {
            ranking_options?: components["schemas"]["RankingOptions-Output"];
            results?: components["schemas"]["FileSearchResult"][];
        };
        /** @description A call of file_search. */
        FileSearchCall: {
            id: string;
            /**
             * @description discriminator enum property added by openapi-typescript
             * @enum {string}
             */
            type: "file_search";
            /** @default {} */
            file_search: components["schemas"]["FileSearch"];
        };
        /** @description Options of file_search; the ranking is always shown. */
        "FileSearchOptions-Input": {
            /** @default null */
            max_num_results?: number | null;
            /**
             * @default {
             *       "score_threshold": 0,
             *       "ranker": "default_2024_08_21"
             *     }
             */
            ranking_options?: components["schemas"]["RankingOptions-Input"] | null;
        };
        /** @description Options of file_search; the ranking is always shown. */
        "FileSearchOptions-Output": {
            max_num_results?: number;
            /**
             * @default {
             *       "score_threshold": 0,
             *       "ranker": "default_2024_08_21"
             *     }
             */
            ranking_options: components["schemas"]["RankingOptions-Output"];
        };
        /** @description Vector stores of an assistant or a thread. */
        "FileSearchResources-Input": {
            /** @default [] */
            vector_store_ids?: string[] | null;
        };
        /** @description Vector stores of an assistant or a thread. */
        "FileSearchResources-Output": {
            /** @default [] */
            vector_store_ids: string[];
        };
        /** @description Vector stores that exist, or the description of a new one. */
        FileSearchResourcesInput: {
            /** @default [] */
            vector_store_ids?: string[] | null;
            /** @default [] */
            vector_stores?: components["schemas"]["VectorStoreHelper"][] | null;
        };
        /**
         * @description A passage that file_search found; on the wire its text comes by ``include[]`` only.
         *
         *     Parameters
         *     ----------
         *     jupyter
         *         Extension: where it stands.
         */
        FileSearchResult: {
            file_id: string;
            file_name: string;
            score: number;
            content?: components["schemas"]["PassageText"][];
            jupyter?: components["schemas"]["ResultExtension"];
        };
        /** @description ``{"type": "file_search", "file_search": {…}}`` */
        "FileSearchTool-Input": {
            /**
             * @description discriminator enum property added by openapi-typescript
             * @enum {string}
             */
            type: "file_search";
            /**
             * @default {
             *       "ranking_options": {
             *         "ranker": "default_2024_08_21",
             *         "score_threshold": 0
             *       }
             *     }
             */
            file_search?: components["schemas"]["FileSearchOptions-Input"] | null;
        };
        /** @description ``{"type": "file_search", "file_search": {…}}`` */
        "FileSearchTool-Output": {
            /**
             * @description discriminator enum property added by openapi-typescript
             * @enum {string}
             */
            type: "file_search";
            /**
             * @default {
             *       "ranking_options": {
             *         "ranker": "default_2024_08_21",
             *         "score_threshold": 0
             *       }
             *     }
             */
            file_search: components["schemas"]["FileSearchOptions-Output"];
        };
        /** @description A call of one of the client's functions. */
        FunctionCallDetails: {
            id: string;
            /**
             * @description discriminator enum property added by openapi-typescript
             * @enum {string}
             */
            type: "function";
            function: components["schemas"]["FunctionResult"];
        };
        /** @description A function that the client runs. */
        "FunctionDefinition-Input": {
            name: string;
            /** @default null */
            description?: string | null;
            /** @default null */
            parameters?: {
                [key: string]: unknown;
            } | null;
            /** @default false */
            strict?: boolean | null;
        };
        /** @description A function that the client runs. */
        "FunctionDefinition-Output": {
            name: string;
            description?: string;
            parameters?: {
                [key: string]: unknown;
            };
            strict?: boolean;
        };
        /** @description The name inside a named tool choice. */
        FunctionName: {
            name: string;
        };
        /** @description A function's name, arguments and answer. */
        FunctionResult: {
            name: string;
            arguments: string;
            /** @default null */
            output: string | null;
        };
        /** @description ``{"type": "function", "function": {…}}`` */
        "FunctionTool-Input": {
            /**
             * @description discriminator enum property added by openapi-typescript
             * @enum {string}
             */
            type: "function";
            function: components["schemas"]["FunctionDefinition-Input"];
        };
        /** @description ``{"type": "function", "function": {…}}`` */
        "FunctionTool-Output": {
            /**
             * @description discriminator enum property added by openapi-typescript
             * @enum {string}
             */
            type: "function";
            function: components["schemas"]["FunctionDefinition-Output"];
        };
        /** @description A call that was handed out to the client, as it was, and when. */
        Handed: {
            call: components["schemas"]["RunToolCall"];
            at: number;
        };
        /** @description How much meaning and words count beside each other; 0 leaves one out. */
        "HybridSearch-Input": {
            /** @default 1 */
            embedding_weight?: number;
            /** @default 1 */
            text_weight?: number;
        };
        /** @description How much meaning and words count beside each other; 0 leaves one out. */
        "HybridSearch-Output": {
            /** @default 1 */
            embedding_weight: number;
            /** @default 1 */
            text_weight: number;
        };
        /** @description An image in a file. */
        "ImageFile-Input": {
            file_id: string;
            /** @default auto */
            detail?: ("auto" | "low" | "high") | null;
        };
        /** @description An image in a file. */
        "ImageFile-Output": {
            file_id: string;
            /**
             * @default auto
             * @enum {string}
             */
            detail: "auto" | "low" | "high";
        };
        /** @description An image part whose bytes are a file of ours. */
        "ImageFileContent-Input": {
            /**
             * @description discriminator enum property added by openapi-typescript
             * @enum {string}
             */
            type: "image_file";
            image_file: components["schemas"]["ImageFile-Input"];
        };
        /** @description An image part whose bytes are a file of ours. */
        "ImageFileContent-Output": {
            /**
             * @description discriminator enum property added by openapi-typescript
             * @enum {string}
             */
            type: "image_file";
            image_file: components["schemas"]["ImageFile-Output"];
        };
        /** @description An image that code displayed. */
        ImageOutput: {
            /**
             * @description discriminator enum property added by openapi-typescript
             * @enum {string}
             */
            type: "image";
            image: components["schemas"]["ImageRef"];
        };
        /** @description An image file. */
        ImageRef: {
            file_id: string;
        };
        /**
         * @description An image by its address. Neither the server nor a view ever fetches it.
         *
         *     A ``data:`` URL holds its image itself; models that see are shown it. (The hosted API took
         *     addresses only.)
         */
        "ImageUrl-Input": {
            url: string;
            /** @default auto */
            detail?: ("auto" | "low" | "high") | null;
        };
        /**
         * @description An image by its address. Neither the server nor a view ever fetches it.
         *
         *     A ``data:`` URL holds its image itself; models that see are shown it. (The hosted API took
         *     addresses only.)
         */
        "ImageUrl-Output": {
            url: string;
            /**
             * @default auto
             * @enum {string}
             */
            detail: "auto" | "low" | "high";
        };
        /** @description An image part given by address. */
        "ImageUrlContent-Input": {
            /**
             * @description discriminator enum property added by openapi-typescript
             * @enum {string}
             */
            type: "image_url";
            image_url: components["schemas"]["ImageUrl-Input"];
        };
        /** @description An image part given by address. */
        "ImageUrlContent-Output": {
            /**
             * @description discriminator enum property added by openapi-typescript
             * @enum {string}
             */
            type: "image_url";
            image_url: components["schemas"]["ImageUrl-Output"];
        };
        /** @description Why a message stops before its end. */
        IncompleteMessage: {
            /** @enum {string} */
            reason: "content_filter" | "max_tokens" | "run_cancelled" | "run_expired" | "run_failed";
        };
        /** @description Which budget ended the run. */
        IncompleteRun: {
            /** @enum {string} */
            reason: "max_completion_tokens" | "max_prompt_tokens";
        };
        /** @description Body of ``POST …/runs/{run_id}/input_reply``: what the person typed. It is kept nowhere. */
        InputReply: {
            /** @default  */
            value?: string | null;
        };
        /**
         * @description What code asks a person for, in the words of Jupyter's protocol.
         *
         *     Parameters
         *     ----------
         *     password
         *         Whether what is typed must not be shown.
         */
        "InputRequest-Input": {
            prompt: string;
            /** @default false */
            password?: boolean;
        };
        /**
         * @description What code asks a person for, in the words of Jupyter's protocol.
         *
         *     Parameters
         *     ----------
         *     password
         *         Whether what is typed must not be shown.
         */
        "InputRequest-Output": {
            prompt: string;
            /** @default false */
            password: boolean;
        };
        /**
         * @description One entry of a thread's history that is not a message.
         *
         *     Parameters
         *     ----------
         *     type
         *         ``function_call``, ``function_call_output``, ``reasoning``, or ``context``: what the model is
         *         told of the user's kernel along with the message before it.
         *     call_id
         *         Joins a call and its output.
         *     name, arguments
         *         Of a call: the name on the model's wire, and the JSON text.
         *     output
         *         Of an output or a context: the text that the model gets.
         *     kept_at
         *         Of an output: where the model can read the whole text, as it names the file.
         *     image_file_ids
         *         Of an output: images for models that see.
         *     extras
         *         What the provider wants back, by ``backend id`` (models.md section 2.2).
         */
        Item: {
            id: string;
            created_at: number;
            /**
             * @description discriminator enum property added by openapi-typescript
             * @enum {string}
             */
            object: "thread.item";
            thread_id: string;
            run_id: string;
            /** @enum {string} */
            type: "function_call" | "function_call_output" | "reasoning" | "context";
            /** @default  */
            call_id?: string;
            /** @default  */
            name?: string;
            /** @default  */
            arguments?: string;
            /** @default  */
            output?: string;
            /** @default  */
            kept_at?: string;
            /** @default [] */
            image_file_ids?: string[];
            /** @default {} */
            extras?: {
                [key: string]: unknown;
            };
        };
        /** @description Any JSON object. */
        JsonObjectFormat: {
            /**
             * @description discriminator enum property added by openapi-typescript
             * @enum {string}
             */
            type: "json_object";
        };
        /** @description The schema of a structured answer. */
        "JsonSchema-Input": {
            name: string;
            /** @default null */
            description?: string | null;
            /** @default null */
            schema?: {
                [key: string]: unknown;
            } | null;
            /** @default null */
            strict?: boolean | null;
        };
        /** @description The schema of a structured answer. */
        "JsonSchema-Output": {
            name: string;
            description?: string;
            schema?: {
                [key: string]: unknown;
            };
            strict?: boolean;
        };
        /** @description JSON that fits a schema. */
        "JsonSchemaFormat-Input": {
            /**
             * @description discriminator enum property added by openapi-typescript
             * @enum {string}
             */
            type: "json_schema";
            json_schema: components["schemas"]["JsonSchema-Input"];
        };
        /** @description JSON that fits a schema. */
        "JsonSchemaFormat-Output": {
            /**
             * @description discriminator enum property added by openapi-typescript
             * @enum {string}
             */
            type: "json_schema";
            json_schema: components["schemas"]["JsonSchema-Output"];
        };
        /** @description Why a run or a step failed. */
        LastError: {
            /** @enum {string} */
            code: "server_error" | "rate_limit_exceeded" | "invalid_prompt";
            message: string;
        };
        /**
         * @description One endpoint.
         *
         *     Parameters
         *     ----------
         *     id
         *         The name that stands before the slash in ``endpoint/model``.
         *     status
         *         ``connected``; ``offered``, if it can be connected as it is; ``absent``, if its key or its
         *         server is missing.
         *     by
         *         Who connected it: the ``configuration``, its ``key`` alone, or a ``person``.
         *     host
         *         Its address without a path.
         *     why
         *         What is missing, and what to do.
         */
        ListedEndpoint: {
            id: string;
            /**
             * @default endpoint
             * @constant
             */
            object: "endpoint";
            title: string;
            /** @enum {string} */
            status: "connected" | "offered" | "absent";
            /** @default null */
            by: ("configuration" | "key" | "person") | null;
            /** @default null */
            host: string | null;
            /** @default false */
            local: boolean;
            /** @default null */
            default_model: string | null;
            /** @default null */
            why: string | null;
        };
        /** @description Text that code printed or returned. */
        LogsOutput: {
            /**
             * @description discriminator enum property added by openapi-typescript
             * @enum {string}
             */
            type: "logs";
            logs: string;
        };
        /** @description One message of a thread. */
        "Message-Input": {
            id: string;
            created_at: number;
            /**
             * @description discriminator enum property added by openapi-typescript
             * @enum {string}
             */
            object: "thread.message";
            thread_id: string;
            /**
             * @default completed
             * @enum {string}
             */
            status?: "in_progress" | "incomplete" | "completed";
            /** @default null */
            incomplete_details?: components["schemas"]["IncompleteMessage"] | null;
            /** @default null */
            completed_at?: number | null;
            /** @default null */
            incomplete_at?: number | null;
            /** @enum {string} */
            role: "user" | "assistant";
            /** @default [] */
            content?: (components["schemas"]["TextContent-Input"] | components["schemas"]["ImageFileContent-Input"] | components["schemas"]["ImageUrlContent-Input"] | components["schemas"]["RefusalContent-Input"])[];
            /** @default null */
            assistant_id?: string | null;
            /** @default null */
            run_id?: string | null;
            /** @default [] */
            attachments?: components["schemas"]["Attachment-Input"][] | null;
            /** @default {} */
            metadata?: {
                [key: string]: string;
            };
        };
        /** @description One message of a thread. */
        "Message-Output": {
            id: string;
            created_at: number;
            /**
             * @default thread.message
             * @constant
             */
            object: "thread.message";
            thread_id: string;
            /**
             * @default completed
             * @enum {string}
             */
            status: "in_progress" | "incomplete" | "completed";
            /** @default null */
            incomplete_details: components["schemas"]["IncompleteMessage"] | null;
            /** @default null */
            completed_at: number | null;
            /** @default null */
            incomplete_at: number | null;
            /** @enum {string} */
            role: "user" | "assistant";
            /** @default [] */
            content: (components["schemas"]["TextContent-Output"] | components["schemas"]["ImageFileContent-Output"] | components["schemas"]["ImageUrlContent-Output"] | components["schemas"]["RefusalContent-Output"])[];
            /** @default null */
            assistant_id: string | null;
            /** @default null */
            run_id: string | null;
            /** @default [] */
            attachments: components["schemas"]["Attachment-Output"][] | null;
            /** @default {} */
            metadata: {
                [key: string]: string;
            };
        };
        /** @description Details of a step that writes a message. */
        MessageCreationDetails: {
            /**
             * @description discriminator enum property added by openapi-typescript
             * @enum {string}
             */
            type: "message_creation";
            message_creation: components["schemas"]["MessageRef"];
        };
        MessageList: {
            /**
             * @default list
             * @constant
             */
            object: "list";
            data: components["schemas"]["Message-Output"][];
            /** @default false */
            has_more: boolean;
            /** @description Return the first item's id; null for an empty page. */
            readonly first_id: string | null;
            /** @description Return the last item's id; null for an empty page. */
            readonly last_id: string | null;
        };
        /** @description The message that a step wrote. */
        MessageRef: {
            message_id: string;
        };
        /** @description A model that can be asked for, or one that could be after what its extension says. */
        Model: {
            id: string;
            /**
             * @default model
             * @constant
             */
            object: "model";
            /** @default 0 */
            created: number;
            owned_by: string;
            /**
             * @default {
             *       "usable": true
             *     }
             */
            jupyter: components["schemas"]["ModelExtension"];
        };
        /**
         * @description Extension field ``jupyter`` of a model; a stock SDK does not notice it.
         *
         *     Parameters
         *     ----------
         *     usable
         *         Whether it can be asked for now.
         *     why
         *         Why not, and what to do about it.
         *     window
         *         Tokens of prompt and answer together.
         *     window_source
         *         Where that figure comes from.
         *     tools
         *         Whether it calls functions; absent where nobody says.
         *     vision
         *         Whether it sees images.
         *     endpoint
         *         The name of the endpoint that serves it.
         *     advice
         *         How it can be had better, or that it ends soon.
         */
        ModelExtension: {
            /** @default true */
            usable: boolean;
            why?: string;
            window?: number;
            window_source?: string;
            tools?: boolean;
            vision?: boolean;
            endpoint?: string;
            advice?: string;
        };
        /** @description What the runs of one model took. ``cost`` is null where no price is configured. */
        ModelUsage: {
            model: string;
            /** @default 0 */
            runs: number;
            /** @default 0 */
            prompt_tokens: number;
            /** @default 0 */
            completion_tokens: number;
            /** @default 0 */
            total_tokens: number;
            /** @default null */
            cost: number | null;
        };
        /** @description Body of ``POST /assistants/{assistant_id}``: what is not given stays. */
        ModifyAssistant: {
            /** @default null */
            model?: string | null;
            /** @default null */
            name?: string | null;
            /** @default null */
            description?: string | null;
            /** @default null */
            instructions?: string | null;
            /** @default null */
            reasoning_effort?: ("none" | "minimal" | "low" | "medium" | "high" | "xhigh" | "max") | null;
            /** @default null */
            tools?: (components["schemas"]["CodeInterpreterTool"] | components["schemas"]["FileSearchTool-Input"] | components["schemas"]["FunctionTool-Input"])[] | null;
            /** @default null */
            tool_resources?: components["schemas"]["ToolResources-Input"] | null;
            /** @default null */
            metadata?: {
                [key: string]: string;
            } | null;
            /** @default null */
            temperature?: number | null;
            /** @default null */
            top_p?: number | null;
            /** @default null */
            response_format?: ("auto" | (components["schemas"]["TextFormat"] | components["schemas"]["JsonObjectFormat"] | components["schemas"]["JsonSchemaFormat-Input"])) | null;
        };
        /**
         * @description Body of ``POST /threads/{thread_id}/messages/{message_id}``.
         *
         *     Parameters
         *     ----------
         *     content
         *         Extension: what the message says from now on.
         */
        ModifyMessage: {
            /** @default null */
            metadata?: {
                [key: string]: string;
            } | null;
            /** @default null */
            content?: string | (components["schemas"]["TextInput"] | components["schemas"]["ImageFileContent-Input"] | components["schemas"]["ImageUrlContent-Input"])[] | null;
        };
        /** @description Body of ``POST /threads/{thread_id}/runs/{run_id}``. */
        ModifyRun: {
            /** @default null */
            metadata?: {
                [key: string]: string;
            } | null;
        };
        /** @description Body of ``POST /threads/{thread_id}``: what is not given stays. */
        ModifyThread: {
            /** @default null */
            tool_resources?: components["schemas"]["ToolResources-Input"] | null;
            /** @default null */
            metadata?: {
                [key: string]: string;
            } | null;
            /** @default null */
            jupyter?: components["schemas"]["ThreadExtensionInput"] | null;
        };
        /** @description Body of ``POST /vector_stores/{vector_store_id}``: what is not given stays. */
        ModifyVectorStore: {
            /** @default null */
            name?: string | null;
            /** @default null */
            expires_after?: components["schemas"]["VectorStoreExpiration"] | null;
            /** @default null */
            metadata?: {
                [key: string]: string;
            } | null;
        };
        /** @description Body of ``POST /vector_stores/{vector_store_id}/files/{file_id}``; null clears. */
        ModifyVectorStoreFile: {
            attributes: {
                [key: string]: boolean | (number) | string;
            } | null;
        };
        /** @description Names of what is new, changed and gone. */
        NamedChanges: {
            /** @default [] */
            new: string[];
            /** @default [] */
            changed: string[];
            /** @default [] */
            deleted: string[];
        };
        /** @description Forces one tool once. */
        "NamedToolChoice-Input": {
            /** @enum {string} */
            type: "function" | "code_interpreter" | "file_search";
            /** @default null */
            function?: components["schemas"]["FunctionName"] | null;
        };
        /** @description Forces one tool once. */
        "NamedToolChoice-Output": {
            /** @enum {string} */
            type: "function" | "code_interpreter" | "file_search";
            function?: components["schemas"]["FunctionName"];
        };
        /** @description The text of a search result. */
        PassageText: {
            /**
             * @default text
             * @constant
             */
            type: "text";
            text: string;
        };
        /**
         * @description One end of a place. What does not apply to a type of file is absent.
         *
         *     Parameters
         *     ----------
         *     page, slide, cell
         *         Counted from 1; ``cell`` is a notebook's.
         *     sheet, cells
         *         A sheet's name, and cells as in a formula: ``A2:C40``.
         *     headings
         *         The headings above, the outermost first.
         *     lines
         *         The first and the last line, counted from 1.
         */
        "PlaceFields-Input": {
            /** @default null */
            page?: number | null;
            /** @default null */
            slide?: number | null;
            /** @default null */
            sheet?: string | null;
            /** @default null */
            cells?: string | null;
            /** @default null */
            cell?: number | null;
            /** @default null */
            headings?: string[] | null;
            /** @default null */
            lines?: number[] | null;
        };
        /**
         * @description One end of a place. What does not apply to a type of file is absent.
         *
         *     Parameters
         *     ----------
         *     page, slide, cell
         *         Counted from 1; ``cell`` is a notebook's.
         *     sheet, cells
         *         A sheet's name, and cells as in a formula: ``A2:C40``.
         *     headings
         *         The headings above, the outermost first.
         *     lines
         *         The first and the last line, counted from 1.
         */
        "PlaceFields-Output": {
            page?: number;
            slide?: number;
            sheet?: string;
            cells?: string;
            cell?: number;
            headings?: string[];
            lines?: number[];
        };
        /** @description A function as the model would be told of it. */
        PreviewedCall: {
            name: string;
            description: string;
            parameters: {
                [key: string]: unknown;
            };
        };
        /** @description A program that makes the same assistant, asks it, and prints the answer. */
        Program: {
            /**
             * @default assistant.program
             * @constant
             */
            object: "assistant.program";
            assistant_id: string;
            language: string;
            filename: string;
            source: string;
        };
        /** @description How file_search ranks, and the least score of a result. */
        "RankingOptions-Input": {
            score_threshold: number;
            /** @default auto */
            ranker?: ("auto" | "default_2024_08_21") | null;
            /** @default null */
            hybrid_search?: components["schemas"]["HybridSearch-Input"] | null;
        };
        /** @description How file_search ranks, and the least score of a result. */
        "RankingOptions-Output": {
            score_threshold: number;
            /**
             * @default auto
             * @enum {string}
             */
            ranker: "auto" | "default_2024_08_21";
            hybrid_search?: components["schemas"]["HybridSearch-Output"];
        };
        /**
         * @description A run that is over.
         *
         *     Parameters
         *     ----------
         *     key
         *         The hash of the prompt, by which a cell finds the recording.
         *     error
         *         Why the run did not complete; empty if it did.
         *     entries
         *         In order: ``message``, ``code`` (with its hash, its status and what its outputs said) and
         *         ``call``, by their ``type``.
         */
        Recording: {
            /**
             * @default jupyter_assistants.cassette
             * @constant
             */
            format: "jupyter_assistants.cassette";
            /**
             * @default 1
             * @constant
             */
            version: 1;
            key: string;
            prompt: string;
            run_id: string;
            thread_id: string;
            model: string;
            /** @enum {string} */
            status: "completed" | "failed" | "cancelled" | "incomplete" | "expired";
            error: string;
            recorded_at: number;
            usage: {
                [key: string]: unknown;
            } | null;
            entries: {
                [key: string]: unknown;
            }[];
        };
        /** @description What the model says instead of an answer. */
        "RefusalContent-Input": {
            /**
             * @description discriminator enum property added by openapi-typescript
             * @enum {string}
             */
            type: "refusal";
            refusal: string;
        };
        /** @description What the model says instead of an answer. */
        "RefusalContent-Output": {
            /**
             * @description discriminator enum property added by openapi-typescript
             * @enum {string}
             */
            type: "refusal";
            refusal: string;
        };
        /** @description All checks. */
        Report: {
            /**
             * @default doctor
             * @constant
             */
            object: "doctor";
            checks: components["schemas"]["Check"][];
        };
        /** @description What the client has to do before the run goes on. */
        RequiredAction: {
            /**
             * @default submit_tool_outputs
             * @constant
             */
            type: "submit_tool_outputs";
            submit_tool_outputs: components["schemas"]["SubmitToolOutputs"];
        };
        /**
         * @description Extension field ``jupyter`` of a result of file_search.
         *
         *     Parameters
         *     ----------
         *     places
         *         Where the passage stands; one place for each part of ``content``.
         */
        ResultExtension: {
            /** @default [] */
            places: components["schemas"]["TextPlace"][];
        };
        /** @description One go of an assistant over a thread. */
        Run: {
            id: string;
            created_at: number;
            /**
             * @default thread.run
             * @constant
             */
            object: "thread.run";
            thread_id: string;
            assistant_id: string;
            /**
             * @default queued
             * @enum {string}
             */
            status: "queued" | "in_progress" | "requires_action" | "cancelling" | "cancelled" | "failed" | "completed" | "incomplete" | "expired";
            /** @default null */
            required_action: components["schemas"]["RequiredAction"] | null;
            /** @default null */
            last_error: components["schemas"]["LastError"] | null;
            /** @default null */
            expires_at: number | null;
            /** @default null */
            started_at: number | null;
            /** @default null */
            cancelled_at: number | null;
            /** @default null */
            failed_at: number | null;
            /** @default null */
            completed_at: number | null;
            /** @default null */
            incomplete_details: components["schemas"]["IncompleteRun"] | null;
            model: string;
            /** @default  */
            instructions: string;
            /** @default [] */
            tools: (components["schemas"]["CodeInterpreterTool"] | components["schemas"]["FileSearchTool-Output"] | components["schemas"]["FunctionTool-Output"])[];
            /** @default {} */
            tool_resources: components["schemas"]["ToolResources-Output"];
            /** @default {} */
            metadata: {
                [key: string]: string;
            };
            /** @default null */
            usage: components["schemas"]["Usage"] | null;
            /** @default 1 */
            temperature: number | null;
            /** @default 1 */
            top_p: number | null;
            /** @default null */
            max_prompt_tokens: number | null;
            /** @default null */
            max_completion_tokens: number | null;
            /**
             * @default {
             *       "type": "auto",
             *       "last_messages": null
             *     }
             */
            truncation_strategy: components["schemas"]["TruncationStrategy-Output"] | null;
            /** @default auto */
            tool_choice: (("none" | "auto" | "required") | components["schemas"]["NamedToolChoice-Output"]) | null;
            /** @default true */
            parallel_tool_calls: boolean;
            /** @default auto */
            response_format: "auto" | (components["schemas"]["TextFormat"] | components["schemas"]["JsonObjectFormat"] | components["schemas"]["JsonSchemaFormat-Output"]);
            /**
             * @default {
             *       "place": "kernel"
             *     }
             */
            jupyter: components["schemas"]["RunExtension"];
        };
        /** @description What a cassette file holds, with one recording. */
        RunCassette: {
            /**
             * @default jupyter_assistants.cassette
             * @constant
             */
            format: "jupyter_assistants.cassette";
            /**
             * @default 1
             * @constant
             */
            version: 1;
            recordings: components["schemas"]["Recording"][];
        };
        /**
         * @description Extension field ``jupyter`` of a run; a stock SDK does not notice it.
         *
         *     Parameters
         *     ----------
         *     place
         *         Who executes code: this server in a kernel, or whoever started the run.
         *     approval
         *         Whether a person is asked before code runs in a live kernel.
         *     process
         *         For the place ``caller``: the process that executes the code
         *         (:func:`jupyter_assistants.storage.liveness.mark`). The run fails when it dies.
         *     resolved_model
         *         The model that answered, when an alias or the default stands behind the requested name.
         *     seen
         *         What the model saw, for example ``34 of 61 messages``.
         *     note
         *         One sentence for the person, for example that the requested model was replaced.
         *     waiting
         *         Why nothing happens just now: ``waiting 12 s: rate limit of api.example.org``, ``waiting for
         *         the kernel``.
         *     allow_stdin
         *         Whether somebody answers when code in a kernel asks for ``input()``.
         *     input_request
         *         What the code asks for just now; ``input_reply`` answers it.
         */
        RunExtension: {
            /**
             * @default kernel
             * @enum {string}
             */
            place: "kernel" | "caller";
            /** @enum {string} */
            approval?: "ask" | "auto";
            process?: string;
            resolved_model?: string;
            seen?: string;
            note?: string;
            waiting?: string;
            allow_stdin?: boolean;
            input_request?: components["schemas"]["InputRequest-Output"];
        };
        /** @description The extension field of a new run. */
        RunExtensionInput: {
            /** @default kernel */
            place?: ("kernel" | "caller") | null;
            /** @default null */
            approval?: ("ask" | "auto") | null;
            /** @default null */
            process?: string | null;
            /** @default null */
            resolved_model?: string | null;
            /** @default null */
            seen?: string | null;
            /** @default null */
            note?: string | null;
            /** @default null */
            waiting?: string | null;
            /** @default null */
            allow_stdin?: boolean | null;
            /** @default null */
            input_request?: components["schemas"]["InputRequest-Input"] | null;
            /** @default null */
            context?: components["schemas"]["CallerContext-Input"] | null;
        };
        RunList: {
            /**
             * @default list
             * @constant
             */
            object: "list";
            data: components["schemas"]["Run"][];
            /** @default false */
            has_more: boolean;
            /** @description Return the first item's id; null for an empty page. */
            readonly first_id: string | null;
            /** @description Return the last item's id; null for an empty page. */
            readonly last_id: string | null;
        };
        /**
         * @description What a run would send to its model. Nothing is stored, nothing is sent.
         *
         *     Parameters
         *     ----------
         *     history
         *         The entries: ``{"type": "message", "role", "text", "images"}``, ``{"type": "call", …}`` or
         *         ``{"type": "output", …}``; of images type and size.
         *     estimated_tokens
         *         Of the whole request.
         *     seen
         *         Which of the thread's messages the model sees, for example ``34 of 61 messages``.
         *     truncated
         *         Whether some are left out.
         *     note
         *         One sentence when another model than the one asked for would answer.
         */
        RunPreview: {
            /**
             * @default thread.run.preview
             * @constant
             */
            object: "thread.run.preview";
            thread_id: string;
            model: string;
            instructions: string;
            history: {
                [key: string]: unknown;
            }[];
            tools: components["schemas"]["PreviewedCall"][];
            estimated_tokens: number;
            seen: string;
            truncated: boolean;
            /** @default null */
            note: string | null;
        };
        /** @description One thing that a run did. */
        RunStep: {
            id: string;
            created_at: number;
            /**
             * @default thread.run.step
             * @constant
             */
            object: "thread.run.step";
            assistant_id: string;
            thread_id: string;
            run_id: string;
            /** @enum {string} */
            type: "message_creation" | "tool_calls";
            /**
             * @default in_progress
             * @enum {string}
             */
            status: "in_progress" | "cancelled" | "failed" | "completed" | "expired";
            step_details: components["schemas"]["ToolCallsDetails"] | components["schemas"]["MessageCreationDetails"];
            /** @default null */
            last_error: components["schemas"]["StepError"] | null;
            /** @default null */
            expires_at: number | null;
            /** @default null */
            expired_at: number | null;
            /** @default null */
            cancelled_at: number | null;
            /** @default null */
            failed_at: number | null;
            /** @default null */
            completed_at: number | null;
            /** @default {} */
            metadata: {
                [key: string]: string;
            };
            /** @default null */
            usage: components["schemas"]["Usage"] | null;
            /**
             * @default {
             *       "calls": {}
             *     }
             */
            jupyter: components["schemas"]["StepExtension"];
        };
        RunStepList: {
            /**
             * @default list
             * @constant
             */
            object: "list";
            data: components["schemas"]["RunStep"][];
            /** @default false */
            has_more: boolean;
            /** @description Return the first item's id; null for an empty page. */
            readonly first_id: string | null;
            /** @description Return the last item's id; null for an empty page. */
            readonly last_id: string | null;
        };
        /**
         * @description A call that the client answers.
         *
         *     Functions of the assistant come under their own name. Two names are ours: ``run_python``
         *     (the caller executes the code, ``place: caller``) and ``approve_code`` (a person decides).
         */
        RunToolCall: {
            id: string;
            /**
             * @default function
             * @constant
             */
            type: "function";
            function: components["schemas"]["CalledFunction"];
        };
        /** @description How results are ranked, and the least score of a result. */
        SearchRanking: {
            /** @default auto */
            ranker?: ("none" | "auto" | "default-2024-11-15") | null;
            /** @default 0 */
            score_threshold?: number | null;
            /** @default null */
            hybrid_search?: components["schemas"]["HybridSearch-Input"] | null;
        };
        /**
         * @description A passage that was found.
         *
         *     Parameters
         *     ----------
         *     jupyter
         *         Extension: where it stands.
         */
        SearchResult: {
            file_id: string;
            filename: string;
            score: number;
            /** @default {} */
            attributes: {
                [key: string]: boolean | (number) | string;
            };
            content: components["schemas"]["TextPart"][];
            /**
             * @default {
             *       "places": []
             *     }
             */
            jupyter: components["schemas"]["ResultExtension"];
        };
        /** @description All that a search gives: there is one page only. */
        SearchResults: {
            /**
             * @default vector_store.search_results.page
             * @constant
             */
            object: "vector_store.search_results.page";
            search_query: string[];
            data: components["schemas"]["SearchResult"][];
            /** @default false */
            has_more: boolean;
            /** @default null */
            next_page: string | null;
        };
        /** @description Body of ``POST /vector_stores/{vector_store_id}/search``. */
        SearchVectorStore: {
            query: string | string[];
            /** @default false */
            rewrite_query?: boolean | null;
            /** @default 10 */
            max_num_results?: number | null;
            /** @default null */
            filters?: (components["schemas"]["ComparisonFilter"] | components["schemas"]["CompoundFilter"]) | null;
            /**
             * @default {
             *       "ranker": "auto",
             *       "score_threshold": 0,
             *       "hybrid_search": null
             *     }
             */
            ranking_options?: components["schemas"]["SearchRanking"] | null;
        };
        /** @description Sizes in tokens. */
        StaticChunking: {
            /** @default 800 */
            max_chunk_size_tokens: number;
            /** @default 400 */
            chunk_overlap_tokens: number;
        };
        /** @description A client's choice of sizes; both have to be given. */
        StaticChunkingInput: {
            /**
             * @description discriminator enum property added by openapi-typescript
             * @enum {string}
             */
            type: "static";
            static: components["schemas"]["StaticChunkingSizes"];
        };
        /** @description Sizes in tokens. */
        StaticChunkingSizes: {
            max_chunk_size_tokens: number;
            chunk_overlap_tokens: number;
        };
        /** @description Chunks of one size, as they are reported for ``auto`` as well. */
        StaticChunkingStrategy: {
            /**
             * @default static
             * @constant
             */
            type: "static";
            /**
             * @default {
             *       "max_chunk_size_tokens": 800,
             *       "chunk_overlap_tokens": 400
             *     }
             */
            static: components["schemas"]["StaticChunking"];
        };
        /** @description Why a step failed. */
        StepError: {
            /** @enum {string} */
            code: "server_error" | "rate_limit_exceeded";
            message: string;
        };
        /**
         * @description Extension field ``jupyter`` of a step.
         *
         *     Parameters
         *     ----------
         *     calls
         *         What executions gave, by tool call id.
         *     seen
         *         What the model saw when it decided on this step, for example ``34 of 61 messages``.
         */
        StepExtension: {
            /** @default {} */
            calls: {
                [key: string]: components["schemas"]["CallExtension"];
            };
            seen?: string;
        };
        /** @description A file that a step's code wrote. */
        StepFile: {
            file_id: string;
            filename: string;
            bytes: number;
        };
        /** @description Body of ``POST …/submit_tool_outputs``. */
        SubmitOutputs: {
            tool_outputs: components["schemas"]["ToolOutput"][];
            /** @default false */
            stream?: boolean | null;
        };
        /** @description The calls that wait for an answer. */
        SubmitToolOutputs: {
            tool_calls: components["schemas"]["RunToolCall"][];
        };
        /** @description A text part. */
        "TextContent-Input": {
            /**
             * @description discriminator enum property added by openapi-typescript
             * @enum {string}
             */
            type: "text";
            text: components["schemas"]["TextValue-Input"];
        };
        /** @description A text part. */
        "TextContent-Output": {
            /**
             * @description discriminator enum property added by openapi-typescript
             * @enum {string}
             */
            type: "text";
            text: components["schemas"]["TextValue-Output"];
        };
        /** @description Plain text. */
        TextFormat: {
            /**
             * @description discriminator enum property added by openapi-typescript
             * @enum {string}
             */
            type: "text";
        };
        /** @description A text part as a client sends it. */
        TextInput: {
            /**
             * @description discriminator enum property added by openapi-typescript
             * @enum {string}
             */
            type: "text";
            text: string;
        };
        /** @description A piece of a file's text. */
        TextPart: {
            /**
             * @default text
             * @constant
             */
            type: "text";
            text: string;
        };
        /**
         * @description A part of a file's text, and where that stands.
         *
         *     Parameters
         *     ----------
         *     label
         *         The place in a few words: ``page 3``, ``Sheet1!A2:C40``; absent for a file without parts.
         *     start, end
         *         Characters of the file's parsed text.
         */
        TextPlace: {
            /** @default {} */
            place: components["schemas"]["FilePlace-Output"];
            label?: string;
            start: number;
            end: number;
        };
        /** @description Text of a message; indices of annotations count Unicode code points of ``value``. */
        "TextValue-Input": {
            value: string;
            /** @default [] */
            annotations?: (components["schemas"]["FilePathAnnotation-Input"] | components["schemas"]["FileCitationAnnotation-Input"])[];
        };
        /** @description Text of a message; indices of annotations count Unicode code points of ``value``. */
        "TextValue-Output": {
            value: string;
            /** @default [] */
            annotations: (components["schemas"]["FilePathAnnotation-Output"] | components["schemas"]["FileCitationAnnotation-Output"])[];
        };
        /** @description A conversation that lasts. */
        Thread: {
            id: string;
            created_at: number;
            /**
             * @default thread
             * @constant
             */
            object: "thread";
            /** @default {} */
            tool_resources: components["schemas"]["ToolResources-Output"];
            /** @default {} */
            metadata: {
                [key: string]: string;
            };
            /** @default {} */
            jupyter: components["schemas"]["ThreadExtension"];
        };
        /**
         * @description A thread in one JSON object; the body of ``POST /threads/import`` too.
         *
         *     Parameters
         *     ----------
         *     entries
         *         Messages and what else the model said and saw, in order.
         */
        ThreadExport: {
            /** @constant */
            object: "thread.export";
            /** @constant */
            version: 1;
            /**
             * @default {
             *       "id": "",
             *       "created_at": 0,
             *       "metadata": {},
             *       "tool_resources": {}
             *     }
             */
            thread?: components["schemas"]["ExportedThread"] | null;
            /** @default [] */
            entries?: (components["schemas"]["Message-Input"] | components["schemas"]["Item"])[] | null;
            /** @default [] */
            files?: components["schemas"]["ExportedFile"][] | null;
        };
        /**
         * @description Extension field ``jupyter`` of a thread; a stock SDK does not notice it.
         *
         *     Parameters
         *     ----------
         *     context
         *         How much of the notebook models of this thread may see; the server keeps to it.
         *     context_shown
         *         Whether the person was shown what will be sent.
         *     always
         *         The live kernels in which code of this thread runs without asking. A person adds one with an
         *         approval's ``always``.
         */
        ThreadExtension: {
            /** @enum {string} */
            context?: "none" | "names" | "schema" | "rows";
            context_shown?: boolean;
            always?: string[];
        };
        /**
         * @description The extension field of a new or changed thread: what is not given stays.
         *
         *     Parameters
         *     ----------
         *     always
         *         Those of the kernels that are kept; none can be added here.
         */
        ThreadExtensionInput: {
            /** @default null */
            context?: ("none" | "names" | "schema" | "rows") | null;
            /** @default null */
            context_shown?: boolean | null;
            /** @default null */
            always?: string[] | null;
        };
        ThreadList: {
            /**
             * @default list
             * @constant
             */
            object: "list";
            data: components["schemas"]["Thread"][];
            /** @default false */
            has_more: boolean;
            /** @description Return the first item's id; null for an empty page. */
            readonly first_id: string | null;
            /** @description Return the last item's id; null for an empty page. */
            readonly last_id: string | null;
        };
        /**
         * @description A part of a thread: messages, and the runs of that time with their steps, oldest first.
         *
         *     Parameters
         *     ----------
         *     views
         *         What there is to draw of runs that are over, by the runs' ids, where the query asked for it:
         *         :class:`~jupyter_assistants.protocol.transcript.View` as JSON. Their steps are left out.
         */
        ThreadTranscript: {
            /**
             * @default thread.transcript
             * @constant
             */
            object: "thread.transcript";
            messages: components["schemas"]["Message-Output"][];
            runs: components["schemas"]["Run"][];
            steps: components["schemas"]["RunStep"][];
            has_more: boolean;
            /** @default null */
            views: {
                [key: string]: {
                    [key: string]: unknown;
                };
            } | null;
        };
        /** @description What the runs of a thread took. ``cost`` is in dollars, null where a price is missing. */
        ThreadUsage: {
            /**
             * @default thread.usage
             * @constant
             */
            object: "thread.usage";
            thread_id: string;
            runs: number;
            prompt_tokens: number;
            completion_tokens: number;
            total_tokens: number;
            cost: number | null;
            models: components["schemas"]["ModelUsage"][];
        };
        /** @description Details of a step that calls tools. */
        ToolCallsDetails: {
            /**
             * @description discriminator enum property added by openapi-typescript
             * @enum {string}
             */
            type: "tool_calls";
            /** @default [] */
            tool_calls: (components["schemas"]["CodeInterpreterCall"] | components["schemas"]["FileSearchCall"] | components["schemas"]["FunctionCallDetails"])[];
        };
        /**
         * @description One answer to one call.
         *
         *     Parameters
         *     ----------
         *     output
         *         The text for the model.
         *     jupyter
         *         Extension, for ``run_python`` calls: what the caller's execution gave, as
         *         :class:`jupyter_assistants.kernels.base.Result` in JSON.
         */
        ToolOutput: {
            /** @default  */
            tool_call_id?: string | null;
            /** @default  */
            output?: string | null;
            /** @default null */
            jupyter?: {
                [key: string]: unknown;
            } | null;
        };
        /** @description What the tools work on; a tool that has nothing has no key. */
        "ToolResources-Input": {
            /** @default null */
            code_interpreter?: components["schemas"]["CodeInterpreterResources-Input"] | null;
            /** @default null */
            file_search?: components["schemas"]["FileSearchResources-Input"] | null;
        };
        /** @description What the tools work on; a tool that has nothing has no key. */
        "ToolResources-Output": {
            code_interpreter?: components["schemas"]["CodeInterpreterResources-Output"];
            file_search?: components["schemas"]["FileSearchResources-Output"];
        };
        /** @description Tool resources of a new assistant or thread. */
        ToolResourcesInput: {
            /** @default null */
            code_interpreter?: components["schemas"]["CodeInterpreterResources-Input"] | null;
            /** @default null */
            file_search?: components["schemas"]["FileSearchResourcesInput"] | null;
        };
        /** @description Which messages of a long thread the model sees. */
        "TruncationStrategy-Input": {
            /** @default auto */
            type?: ("auto" | "last_messages") | null;
            /** @default null */
            last_messages?: number | null;
        };
        /** @description Which messages of a long thread the model sees. */
        "TruncationStrategy-Output": {
            /**
             * @default auto
             * @enum {string}
             */
            type: "auto" | "last_messages";
            /** @default null */
            last_messages: number | null;
        };
        /**
         * @description Body of ``POST …/steps/{step_id}/undo``.
         *
         *     Parameters
         *     ----------
         *     force
         *         Undo also what somebody changed since.
         *     undone
         *         Whoever ran the code has undone it already, and says so.
         */
        UndoStep: {
            /** @default false */
            force?: boolean | null;
            /** @default false */
            undone?: boolean | null;
        };
        /** @description A file that is being sent in parts, or was. */
        Upload: {
            id: string;
            created_at: number;
            /**
             * @default upload
             * @constant
             */
            object: "upload";
            filename: string;
            bytes: number;
            /** @enum {string} */
            purpose: "assistants" | "assistants_output" | "batch" | "batch_output" | "evals" | "fine-tune" | "fine-tune-results" | "user_data" | "vision";
            /**
             * @default pending
             * @enum {string}
             */
            status: "pending" | "completed" | "cancelled" | "expired";
            expires_at: number;
            /** @default null */
            file: components["schemas"]["File"] | null;
        };
        /** @description Some of the bytes of an upload. */
        UploadPart: {
            id: string;
            created_at: number;
            /**
             * @default upload.part
             * @constant
             */
            object: "upload.part";
            upload_id: string;
        };
        /**
         * @description Tokens as the model's endpoint counted them.
         *
         *     Parameters
         *     ----------
         *     cached_tokens
         *         Extension: those of the prompt that the endpoint had in its cache, where it says so.
         */
        Usage: {
            /** @default 0 */
            prompt_tokens: number;
            /** @default 0 */
            completion_tokens: number;
            /** @default 0 */
            total_tokens: number;
            cached_tokens?: number;
        };
        /** @description One variable: its type, what it is (shape, columns, size), and first rows of a table. */
        Variable: {
            name: string;
            type: string;
            text: string;
            /** @default  */
            rows: string;
        };
        /**
         * @description The variables of a kernel.
         *
         *     Parameters
         *     ----------
         *     state
         *         ``seen``; ``busy`` when the kernel could not be looked at now; ``foreign`` when it runs another
         *         language than Python.
         *     left_out
         *         How many more there are.
         *     value
         *         Of the variable that was asked for, as a model would get it.
         */
        VariableList: {
            /**
             * @default list
             * @constant
             */
            object: "list";
            kernel_id: string;
            /** @enum {string} */
            state: "seen" | "busy" | "foreign";
            data: components["schemas"]["Variable"][];
            /** @default 0 */
            left_out: number;
            /** @default null */
            value: string | null;
        };
        /**
         * @description Files made searchable.
         *
         *     ``status``, ``file_counts``, ``usage_bytes``, ``expires_at`` and ``jupyter`` are derived
         *     whenever the object is shown; what the store keeps of them means nothing.
         */
        VectorStore: {
            id: string;
            created_at: number;
            /**
             * @default vector_store
             * @constant
             */
            object: "vector_store";
            /** @default  */
            name: string;
            /** @default 0 */
            usage_bytes: number;
            /**
             * @default {
             *       "in_progress": 0,
             *       "completed": 0,
             *       "failed": 0,
             *       "cancelled": 0,
             *       "total": 0
             *     }
             */
            file_counts: components["schemas"]["FileCounts"];
            /**
             * @default completed
             * @enum {string}
             */
            status: "expired" | "in_progress" | "completed";
            /** @default null */
            expires_after: components["schemas"]["VectorStoreExpiration"] | null;
            /** @default null */
            expires_at: number | null;
            last_active_at: number;
            /** @default {} */
            metadata: {
                [key: string]: string;
            };
            /**
             * @default {
             *       "embeddings": {
             *         "chunks": 0,
             *         "dimension": null,
             *         "embedded": 0,
             *         "model": null
             *       }
             *     }
             */
            jupyter: components["schemas"]["VectorStoreExtension"];
        };
        /** @description When a vector store expires by itself. */
        VectorStoreExpiration: {
            /** @constant */
            anchor: "last_active_at";
            days: number;
        };
        /** @description What is ours in a vector store. */
        VectorStoreExtension: {
            /**
             * @default {
             *       "model": null,
             *       "dimension": null,
             *       "chunks": 0,
             *       "embedded": 0
             *     }
             */
            embeddings: components["schemas"]["EmbeddingState"];
        };
        /**
         * @description A file in a vector store; on the wire it goes by the file's id.
         *
         *     Parameters
         *     ----------
         *     batch_id
         *         The batch that attached it.
         *     attempt
         *         Names one ingestion: results of an older one are dropped.
         *     size
         *         How many bytes the file has.
         *     auto_chunks
         *         Whether it is cut along its structure; ``chunking_strategy`` is what the wire says then.
         */
        VectorStoreFile: {
            id: string;
            created_at: number;
            /**
             * @default vector_store.file
             * @constant
             */
            object: "vector_store.file";
            /** @default 0 */
            usage_bytes: number;
            vector_store_id: string;
            /**
             * @default in_progress
             * @enum {string}
             */
            status: "in_progress" | "completed" | "cancelled" | "failed";
            /** @default null */
            last_error: components["schemas"]["FileError"] | null;
            /**
             * @default {
             *       "type": "static",
             *       "static": {
             *         "chunk_overlap_tokens": 400,
             *         "max_chunk_size_tokens": 800
             *       }
             *     }
             */
            chunking_strategy: components["schemas"]["StaticChunkingStrategy"];
            /** @default {} */
            attributes: {
                [key: string]: boolean | (number) | string;
            };
        };
        /** @description Files attached together. ``status`` and ``file_counts`` are derived when it is shown. */
        VectorStoreFileBatch: {
            id: string;
            created_at: number;
            /**
             * @default vector_store.files_batch
             * @constant
             */
            object: "vector_store.files_batch";
            vector_store_id: string;
            /**
             * @default in_progress
             * @enum {string}
             */
            status: "in_progress" | "completed" | "cancelled" | "failed";
            /**
             * @default {
             *       "in_progress": 0,
             *       "completed": 0,
             *       "failed": 0,
             *       "cancelled": 0,
             *       "total": 0
             *     }
             */
            file_counts: components["schemas"]["FileCounts"];
        };
        VectorStoreFileList: {
            /**
             * @default list
             * @constant
             */
            object: "list";
            data: components["schemas"]["VectorStoreFile"][];
            /** @default false */
            has_more: boolean;
            /** @description Return the first item's id; null for an empty page. */
            readonly first_id: string | null;
            /** @description Return the last item's id; null for an empty page. */
            readonly last_id: string | null;
        };
        /** @description A vector store that is made along with an assistant or a thread. */
        VectorStoreHelper: {
            /** @default [] */
            file_ids?: string[] | null;
            /** @default null */
            chunking_strategy?: (components["schemas"]["AutoChunkingInput"] | components["schemas"]["StaticChunkingInput"]) | null;
            /** @default {} */
            metadata?: {
                [key: string]: string;
            } | null;
        };
        VectorStoreList: {
            /**
             * @default list
             * @constant
             */
            object: "list";
            data: components["schemas"]["VectorStore"][];
            /** @default false */
            has_more: boolean;
            /** @description Return the first item's id; null for an empty page. */
            readonly first_id: string | null;
            /** @description Return the last item's id; null for an empty page. */
            readonly last_id: string | null;
        };
        /** @description What is wrong with a request, or with the server. */
        Error: {
            error: {
                message: string;
                /** @enum {unknown} */
                type: "invalid_request_error" | "server_error";
                param: string | null;
                code: string | null;
            };
        };
    };
    responses: never;
    parameters: never;
    requestBodies: never;
    headers: never;
    pathItems: never;
};
export type $defs = Record<string, never>;
export type operations = Record<string, never>;
