// Generated from the OpenAPI document of the server by `jlpm types`. Do not edit.
export type paths = Record<string, never>;
export type webhooks = Record<string, never>;
export type components = {
    schemas: {
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
            readonly first_id: string | null;
            readonly last_id: string | null;
        };
        "Attachment-Input": {
            file_id: string;
            /** @default [] */
            tools?: components["schemas"]["AttachmentTool"][] | null;
        };
        "Attachment-Output": {
            file_id: string;
            /** @default [] */
            tools: components["schemas"]["AttachmentTool"][];
        };
        AttachmentTool: {
            /** @enum {string} */
            type: "code_interpreter" | "file_search";
        };
        AutoChunkingInput: {
            /**
             * @description discriminator enum property added by openapi-typescript
             * @enum {string}
             */
            type: "auto";
        };
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
        CalledFunction: {
            name: string;
            arguments: string;
        };
        "CallerContext-Input": {
            /** @default {} */
            kernel?: {
                [key: string]: string;
            } | null;
            /** @default {} */
            files?: {
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
        "CallerContext-Output": {
            /** @default {} */
            kernel: {
                [key: string]: string;
            };
            /** @default {} */
            files: {
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
            settings?: string[];
        };
        Check: {
            id: string;
            title: string;
            /** @enum {string} */
            status: "ok" | "warning" | "problem";
            detail: string;
            /** @default null */
            remedy: string | null;
        };
        CheckCells: {
            /** @default [] */
            file_ids?: string[] | null;
        };
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
        "CitationExtension-Output": {
            /** @default {} */
            place: components["schemas"]["FilePlace-Output"];
            label?: string;
            start: number;
            end: number;
            quote: string;
            score: number;
        };
        CodeInterpreter: {
            /** @default  */
            input: string;
            /** @default [] */
            outputs: (components["schemas"]["LogsOutput"] | components["schemas"]["ImageOutput"])[];
        };
        CodeInterpreterCall: {
            id: string;
            /**
             * @description discriminator enum property added by openapi-typescript
             * @enum {string}
             */
            type: "code_interpreter";
            code_interpreter: components["schemas"]["CodeInterpreter"];
        };
        "CodeInterpreterResources-Input": {
            /** @default [] */
            file_ids?: string[] | null;
            /** @default null */
            kernel_id?: string | null;
            /** @default null */
            sandbox?: boolean | null;
        };
        "CodeInterpreterResources-Output": {
            /** @default [] */
            file_ids: string[];
            kernel_id?: string;
            sandbox?: boolean;
        };
        CodeInterpreterTool: {
            /**
             * @description discriminator enum property added by openapi-typescript
             * @enum {string}
             */
            type: "code_interpreter";
        };
        ComparisonFilter: {
            /**
             * @default eq
             * @enum {string}
             */
            type?: "eq" | "ne" | "gt" | "gte" | "lt" | "lte" | "in" | "nin";
            key: string;
            value: string | number | boolean | (string | number | boolean)[];
        };
        CompleteUpload: {
            part_ids: string[];
            /** @default null */
            md5?: string | null;
        };
        CompoundFilter: {
            /** @enum {string} */
            type: "and" | "or";
            filters: (components["schemas"]["ComparisonFilter"] | components["schemas"]["CompoundFilter"])[];
        };
        ConnectEndpoint: {
            /** @default null */
            model?: string | null;
        };
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
        CopyThread: {
            /** @default null */
            until?: string | null;
            /** @default null */
            metadata?: {
                [key: string]: string;
            } | null;
        };
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
        CreateMessage: {
            /** @enum {string} */
            role: "user" | "assistant";
            content: string | (components["schemas"]["TextInput"] | components["schemas"]["ImageFileContent-Input"] | components["schemas"]["ImageUrlInput"])[];
            /** @default [] */
            attachments?: components["schemas"]["Attachment-Input"][] | null;
            /** @default {} */
            metadata?: {
                [key: string]: string;
            } | null;
        };
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
        CreateUpload: {
            filename: string;
            /** @enum {string} */
            purpose: "assistants" | "batch" | "fine-tune" | "vision" | "user_data" | "evals" | "assistants_output";
            bytes: number;
            mime_type: string;
            /** @default null */
            expires_after?: components["schemas"]["FileExpiration"] | null;
        };
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
        CreateVectorStoreFile: {
            file_id: string;
            /** @default null */
            chunking_strategy?: (components["schemas"]["AutoChunkingInput"] | components["schemas"]["StaticChunkingInput"]) | null;
            /** @default {} */
            attributes?: {
                [key: string]: boolean | (number) | string;
            } | null;
        };
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
        Examine: {
            /** @default false */
            kernel?: boolean | null;
            /** @default false */
            model?: boolean | null;
            /** @default false */
            files?: boolean | null;
        };
        ExportedFile: {
            id: string;
            filename: string;
            /** @enum {string} */
            purpose: "assistants" | "assistants_output" | "batch" | "batch_output" | "evals" | "fine-tune" | "fine-tune-results" | "user_data" | "vision";
            bytes: number;
            /** @default null */
            content?: string | null;
        };
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
            /** @default {} */
            jupyter?: components["schemas"]["ExportedThreadExtension"];
        };
        ExportedThreadExtension: {
            /** @default null */
            context?: ("none" | "names" | "schema" | "rows") | null;
        };
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
        FileCitationTarget: {
            file_id: string;
        };
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
        FileError: {
            /** @enum {string} */
            code: "server_error" | "unsupported_file" | "invalid_file";
            message: string;
        };
        FileExpiration: {
            /** @constant */
            anchor: "created_at";
            seconds: number;
        };
        FileExtension: {
            /** @default  */
            sha256: string;
            apart?: boolean;
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
            readonly first_id: string | null;
            readonly last_id: string | null;
        };
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
        FilePathTarget: {
            file_id: string;
        };
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
        FileSearch: {
            ranking_options?: components["schemas"]["RankingOptions-Output"];
            results?: components["schemas"]["FileSearchResult"][];
        };
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
        "FileSearchResources-Input": {
            /** @default [] */
            vector_store_ids?: string[] | null;
        };
        "FileSearchResources-Output": {
            /** @default [] */
            vector_store_ids: string[];
        };
        FileSearchResourcesInput: {
            /** @default [] */
            vector_store_ids?: string[] | null;
            /** @default [] */
            vector_stores?: components["schemas"]["VectorStoreHelper"][] | null;
        };
        FileSearchResult: {
            file_id: string;
            file_name: string;
            score: number;
            content?: components["schemas"]["PassageText"][];
            jupyter?: components["schemas"]["ResultExtension"];
        };
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
        FunctionCallDetails: {
            id: string;
            /**
             * @description discriminator enum property added by openapi-typescript
             * @enum {string}
             */
            type: "function";
            function: components["schemas"]["FunctionResult"];
        };
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
        "FunctionDefinition-Output": {
            name: string;
            description?: string;
            parameters?: {
                [key: string]: unknown;
            };
            strict?: boolean;
        };
        FunctionName: {
            name: string;
        };
        FunctionResult: {
            name: string;
            arguments: string;
            /** @default null */
            output: string | null;
        };
        "FunctionTool-Input": {
            /**
             * @description discriminator enum property added by openapi-typescript
             * @enum {string}
             */
            type: "function";
            function: components["schemas"]["FunctionDefinition-Input"];
        };
        "FunctionTool-Output": {
            /**
             * @description discriminator enum property added by openapi-typescript
             * @enum {string}
             */
            type: "function";
            function: components["schemas"]["FunctionDefinition-Output"];
        };
        Handed: {
            call: components["schemas"]["RunToolCall"];
            at: number;
        };
        "HybridSearch-Input": {
            /** @default 1 */
            embedding_weight?: number;
            /** @default 1 */
            text_weight?: number;
        };
        "HybridSearch-Output": {
            /** @default 1 */
            embedding_weight: number;
            /** @default 1 */
            text_weight: number;
        };
        "ImageFile-Input": {
            file_id: string;
            /** @default auto */
            detail?: ("auto" | "low" | "high") | null;
        };
        "ImageFile-Output": {
            file_id: string;
            /**
             * @default auto
             * @enum {string}
             */
            detail: "auto" | "low" | "high";
        };
        "ImageFileContent-Input": {
            /**
             * @description discriminator enum property added by openapi-typescript
             * @enum {string}
             */
            type: "image_file";
            image_file: components["schemas"]["ImageFile-Input"];
        };
        "ImageFileContent-Output": {
            /**
             * @description discriminator enum property added by openapi-typescript
             * @enum {string}
             */
            type: "image_file";
            image_file: components["schemas"]["ImageFile-Output"];
        };
        ImageOutput: {
            /**
             * @description discriminator enum property added by openapi-typescript
             * @enum {string}
             */
            type: "image";
            image: components["schemas"]["ImageRef"];
        };
        ImageRef: {
            file_id: string;
        };
        "ImageUrl-Input": {
            url: string;
            /** @default auto */
            detail?: ("auto" | "low" | "high") | null;
        };
        "ImageUrl-Output": {
            url: string;
            /**
             * @default auto
             * @enum {string}
             */
            detail: "auto" | "low" | "high";
        };
        "ImageUrlContent-Input": {
            /**
             * @description discriminator enum property added by openapi-typescript
             * @enum {string}
             */
            type: "image_url";
            image_url: components["schemas"]["ImageUrl-Input"];
        };
        "ImageUrlContent-Output": {
            /**
             * @description discriminator enum property added by openapi-typescript
             * @enum {string}
             */
            type: "image_url";
            image_url: components["schemas"]["ImageUrl-Output"];
        };
        ImageUrlGiven: {
            url: string;
            /** @default auto */
            detail?: ("auto" | "low" | "high") | null;
        };
        ImageUrlInput: {
            /**
             * @description discriminator enum property added by openapi-typescript
             * @enum {string}
             */
            type: "image_url";
            image_url: components["schemas"]["ImageUrlGiven"];
        };
        IncompleteMessage: {
            /** @enum {string} */
            reason: "content_filter" | "max_tokens" | "run_cancelled" | "run_expired" | "run_failed";
        };
        IncompleteRun: {
            /** @enum {string} */
            reason: "max_completion_tokens" | "max_prompt_tokens";
        };
        InputReply: {
            /** @default  */
            value?: string | null;
        };
        "InputRequest-Input": {
            prompt: string;
            /** @default false */
            password?: boolean;
        };
        "InputRequest-Output": {
            prompt: string;
            /** @default false */
            password: boolean;
        };
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
            /** @default null */
            changes?: string | null;
            /** @default  */
            base?: string;
            /** @default {} */
            told?: {
                [key: string]: string;
            };
            /** @default null */
            context_level?: ("none" | "names" | "schema" | "rows") | null;
        };
        JsonObjectFormat: {
            /**
             * @description discriminator enum property added by openapi-typescript
             * @enum {string}
             */
            type: "json_object";
        };
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
        "JsonSchema-Output": {
            name: string;
            description?: string;
            schema?: {
                [key: string]: unknown;
            };
            strict?: boolean;
        };
        "JsonSchemaFormat-Input": {
            /**
             * @description discriminator enum property added by openapi-typescript
             * @enum {string}
             */
            type: "json_schema";
            json_schema: components["schemas"]["JsonSchema-Input"];
        };
        "JsonSchemaFormat-Output": {
            /**
             * @description discriminator enum property added by openapi-typescript
             * @enum {string}
             */
            type: "json_schema";
            json_schema: components["schemas"]["JsonSchema-Output"];
        };
        LastError: {
            /** @enum {string} */
            code: "server_error" | "rate_limit_exceeded" | "invalid_prompt";
            message: string;
        };
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
            by: ("configuration" | "key" | "person" | "plugin") | null;
            /** @default null */
            host: string | null;
            /** @default false */
            local: boolean;
            /** @default null */
            default_model: string | null;
            /** @default null */
            why: string | null;
        };
        ListedTool: {
            type: string;
            /**
             * @default tool
             * @constant
             */
            object: "tool";
            /** @default  */
            description: string;
        };
        LogsOutput: {
            /**
             * @description discriminator enum property added by openapi-typescript
             * @enum {string}
             */
            type: "logs";
            logs: string;
        };
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
            readonly first_id: string | null;
            readonly last_id: string | null;
        };
        MessageRef: {
            message_id: string;
        };
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
        ModifyMessage: {
            /** @default null */
            metadata?: {
                [key: string]: string;
            } | null;
            /** @default null */
            content?: string | (components["schemas"]["TextInput"] | components["schemas"]["ImageFileContent-Input"] | components["schemas"]["ImageUrlInput"])[] | null;
        };
        ModifyRun: {
            /** @default null */
            metadata?: {
                [key: string]: string;
            } | null;
        };
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
        ModifyVectorStoreFile: {
            attributes: {
                [key: string]: boolean | (number) | string;
            } | null;
        };
        NamedChanges: {
            /** @default [] */
            new: string[];
            /** @default [] */
            changed: string[];
            /** @default [] */
            deleted: string[];
        };
        "NamedToolChoice-Input": {
            /** @enum {string} */
            type: "function" | "code_interpreter" | "file_search";
            /** @default null */
            function?: components["schemas"]["FunctionName"] | null;
        };
        "NamedToolChoice-Output": {
            /** @enum {string} */
            type: "function" | "code_interpreter" | "file_search";
            function?: components["schemas"]["FunctionName"];
        };
        PassageText: {
            /**
             * @default text
             * @constant
             */
            type: "text";
            text: string;
        };
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
        "PlaceFields-Output": {
            page?: number;
            slide?: number;
            sheet?: string;
            cells?: string;
            cell?: number;
            headings?: string[];
            lines?: number[];
        };
        PreviewedCall: {
            name: string;
            description: string;
            parameters: {
                [key: string]: unknown;
            };
        };
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
        "RankingOptions-Input": {
            score_threshold: number;
            /** @default auto */
            ranker?: ("auto" | "default_2024_08_21") | null;
            /** @default null */
            hybrid_search?: components["schemas"]["HybridSearch-Input"] | null;
        };
        "RankingOptions-Output": {
            score_threshold: number;
            /**
             * @default auto
             * @enum {string}
             */
            ranker: "auto" | "default_2024_08_21";
            hybrid_search?: components["schemas"]["HybridSearch-Output"];
        };
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
            /** @default [] */
            inputs: {
                [key: string]: unknown;
            }[];
            entries: {
                [key: string]: unknown;
            }[];
        };
        "RefusalContent-Input": {
            /**
             * @description discriminator enum property added by openapi-typescript
             * @enum {string}
             */
            type: "refusal";
            refusal: string;
        };
        "RefusalContent-Output": {
            /**
             * @description discriminator enum property added by openapi-typescript
             * @enum {string}
             */
            type: "refusal";
            refusal: string;
        };
        Report: {
            /**
             * @default doctor
             * @constant
             */
            object: "doctor";
            checks: components["schemas"]["Check"][];
        };
        RequiredAction: {
            /**
             * @default submit_tool_outputs
             * @constant
             */
            type: "submit_tool_outputs";
            submit_tool_outputs: components["schemas"]["SubmitToolOutputs"];
        };
        ResultExtension: {
            /** @default [] */
            places: components["schemas"]["TextPlace"][];
        };
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
        RunExtension: {
            /**
             * @default kernel
             * @enum {string}
             */
            place: "kernel" | "caller";
            /** @enum {string} */
            approval?: "ask" | "auto";
            attended?: boolean;
            process?: string;
            resolved_model?: string;
            seen?: string;
            note?: string;
            waiting?: string;
            allow_stdin?: boolean;
            input_request?: components["schemas"]["InputRequest-Output"];
        };
        RunExtensionInput: {
            /** @default kernel */
            place?: ("kernel" | "caller") | null;
            /** @default null */
            approval?: ("ask" | "auto") | null;
            /** @default null */
            attended?: boolean | null;
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
            readonly first_id: string | null;
            readonly last_id: string | null;
        };
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
            readonly first_id: string | null;
            readonly last_id: string | null;
        };
        RunToolCall: {
            id: string;
            /**
             * @default function
             * @constant
             */
            type: "function";
            function: components["schemas"]["CalledFunction"];
        };
        SearchRanking: {
            /** @default auto */
            ranker?: ("none" | "auto" | "default-2024-11-15") | null;
            /** @default 0 */
            score_threshold?: number | null;
            /** @default null */
            hybrid_search?: components["schemas"]["HybridSearch-Input"] | null;
        };
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
        StaticChunking: {
            /** @default 800 */
            max_chunk_size_tokens: number;
            /** @default 400 */
            chunk_overlap_tokens: number;
        };
        StaticChunkingInput: {
            /**
             * @description discriminator enum property added by openapi-typescript
             * @enum {string}
             */
            type: "static";
            static: components["schemas"]["StaticChunkingSizes"];
        };
        StaticChunkingSizes: {
            max_chunk_size_tokens: number;
            chunk_overlap_tokens: number;
        };
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
        StepError: {
            /** @enum {string} */
            code: "server_error" | "rate_limit_exceeded";
            message: string;
        };
        StepExtension: {
            /** @default {} */
            calls: {
                [key: string]: components["schemas"]["CallExtension"];
            };
            seen?: string;
        };
        StepFile: {
            file_id: string;
            filename: string;
            bytes: number;
        };
        SubmitOutputs: {
            tool_outputs: components["schemas"]["ToolOutput"][];
            /** @default false */
            stream?: boolean | null;
        };
        SubmitToolOutputs: {
            tool_calls: components["schemas"]["RunToolCall"][];
        };
        TableHead: {
            header: string[];
            rows: string[][];
            more: boolean;
            code: string;
            remarks: string[];
        };
        "TextContent-Input": {
            /**
             * @description discriminator enum property added by openapi-typescript
             * @enum {string}
             */
            type: "text";
            text: components["schemas"]["TextValue-Input"];
        };
        "TextContent-Output": {
            /**
             * @description discriminator enum property added by openapi-typescript
             * @enum {string}
             */
            type: "text";
            text: components["schemas"]["TextValue-Output"];
        };
        TextFormat: {
            /**
             * @description discriminator enum property added by openapi-typescript
             * @enum {string}
             */
            type: "text";
        };
        TextInput: {
            /**
             * @description discriminator enum property added by openapi-typescript
             * @enum {string}
             */
            type: "text";
            text: string;
        };
        TextPart: {
            /**
             * @default text
             * @constant
             */
            type: "text";
            text: string;
        };
        TextPlace: {
            /** @default {} */
            place: components["schemas"]["FilePlace-Output"];
            label?: string;
            start: number;
            end: number;
        };
        "TextValue-Input": {
            value: string;
            /** @default [] */
            annotations?: (components["schemas"]["FilePathAnnotation-Input"] | components["schemas"]["FileCitationAnnotation-Input"])[];
        };
        "TextValue-Output": {
            value: string;
            /** @default [] */
            annotations: (components["schemas"]["FilePathAnnotation-Output"] | components["schemas"]["FileCitationAnnotation-Output"])[];
        };
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
             *       "tool_resources": {},
             *       "jupyter": {}
             *     }
             */
            thread?: components["schemas"]["ExportedThread"] | null;
            /** @default [] */
            entries?: (components["schemas"]["Message-Input"] | components["schemas"]["Item"])[] | null;
            /** @default [] */
            files?: components["schemas"]["ExportedFile"][] | null;
        };
        ThreadExtension: {
            /** @enum {string} */
            context?: "none" | "names" | "schema" | "rows";
            context_shown?: boolean;
            always?: string[];
        };
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
            readonly first_id: string | null;
            readonly last_id: string | null;
        };
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
        ToolCallsDetails: {
            /**
             * @description discriminator enum property added by openapi-typescript
             * @enum {string}
             */
            type: "tool_calls";
            /** @default [] */
            tool_calls: (components["schemas"]["CodeInterpreterCall"] | components["schemas"]["FileSearchCall"] | components["schemas"]["FunctionCallDetails"])[];
        };
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
        "ToolResources-Input": {
            /** @default null */
            code_interpreter?: components["schemas"]["CodeInterpreterResources-Input"] | null;
            /** @default null */
            file_search?: components["schemas"]["FileSearchResources-Input"] | null;
        };
        "ToolResources-Output": {
            code_interpreter?: components["schemas"]["CodeInterpreterResources-Output"];
            file_search?: components["schemas"]["FileSearchResources-Output"];
        };
        ToolResourcesInput: {
            /** @default null */
            code_interpreter?: components["schemas"]["CodeInterpreterResources-Input"] | null;
            /** @default null */
            file_search?: components["schemas"]["FileSearchResourcesInput"] | null;
        };
        "TruncationStrategy-Input": {
            /** @default auto */
            type?: ("auto" | "last_messages") | null;
            /** @default null */
            last_messages?: number | null;
        };
        "TruncationStrategy-Output": {
            /**
             * @default auto
             * @enum {string}
             */
            type: "auto" | "last_messages";
            /** @default null */
            last_messages: number | null;
        };
        UndoStep: {
            /** @default false */
            force?: boolean | null;
            /** @default false */
            undone?: boolean | null;
        };
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
        Usage: {
            /** @default 0 */
            prompt_tokens: number;
            /** @default 0 */
            completion_tokens: number;
            /** @default 0 */
            total_tokens: number;
            cached_tokens?: number;
            estimated_tokens?: number;
        };
        Variable: {
            name: string;
            type: string;
            text: string;
            /** @default  */
            rows: string;
        };
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
        VectorStoreExpiration: {
            /** @constant */
            anchor: "last_active_at";
            days: number;
        };
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
            readonly first_id: string | null;
            readonly last_id: string | null;
        };
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
            readonly first_id: string | null;
            readonly last_id: string | null;
        };
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
