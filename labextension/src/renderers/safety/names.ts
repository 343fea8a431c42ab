/** Start of the address that stands for a name: a file of the answer, or one of its citations. */
export const NAME_ADDRESS = '#assistants-name=';
