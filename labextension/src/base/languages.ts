const NAMES: Record<string, string> = {
  bash: 'Bash',
  'c++': 'C++',
  ir: 'R',
  javascript: 'JavaScript',
  r: 'R',
  sql: 'SQL',
  typescript: 'TypeScript'
};

/** Return the name of a kernel's language as people write it. */
export function languageName(language: string): string {
  const known = NAMES[language.toLowerCase()];
  return known ?? language.charAt(0).toUpperCase() + language.slice(1);
}
