/** For `.catch` behind reading a path: the value to go on with where nothing is there; any other error is thrown on. */
export const ifAbsent =
  <T>(value: T) =>
  (error: unknown): T => {
    if (error instanceof Error && "code" in error && (error.code === "ENOENT" || error.code === "ENOTDIR")) return value;
    throw error;
  };
