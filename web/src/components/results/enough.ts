/** Below this number of signals the API withholds ratios, and a group is drawn faint. */
export const ENOUGH = 30;
