const started = Date.now();

/** Says on stderr, with the seconds since the program started, what the lab is at. */
export function progress(message: string): void {
  const seconds = Math.round((Date.now() - started) / 1000);
  process.stderr.write(`lab ${String(seconds).padStart(4)}s  ${message}\n`);
}

/** Says that `message` began, repeats it every ten seconds while `work` lasts, and says how long it took. */
export async function during<T>(message: string, work: () => Promise<T>): Promise<T> {
  const from = Date.now();
  const seconds = () => Math.round((Date.now() - from) / 1000);
  progress(`${message} …`);
  const timer = setInterval(() => progress(`${message} … ${seconds()} s so far`), 10_000);
  try {
    const result = await work();
    progress(`${message}: done in ${seconds()} s`);
    return result;
  } finally {
    clearInterval(timer);
  }
}
