import { AssistantsClient } from './client';

/** Languages in which a program can be had. */
export const LANGUAGES = ['python', 'javascript', 'curl'] as const;
export type Language = (typeof LANGUAGES)[number];

/** Give a program that makes an assistant and asks it. */
export async function programOf(
  client: AssistantsClient,
  assistant: string,
  language: Language
): Promise<string> {
  const path = `/assistants/${encodeURIComponent(assistant)}/program?language=${language}`;
  return (await client.request<{ source: string }>('GET', path)).source;
}
