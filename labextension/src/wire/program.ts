import { AssistantsClient } from './client';

/** Languages of generated programs. */
export const LANGUAGES = ['python', 'javascript', 'curl'] as const;
export type Language = (typeof LANGUAGES)[number];

/** Return a program that creates an assistant and runs it. */
export async function programOf(
  client: AssistantsClient,
  assistant: string,
  language: Language
): Promise<string> {
  const path = `/assistants/${encodeURIComponent(assistant)}/program?language=${language}`;
  return (await client.request<{ source: string }>('GET', path)).source;
}
