export const symbol = {} as const;
