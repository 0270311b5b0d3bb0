/** What ssh runs with: this process's own environment but in no language, so that its errors can be read, and none is sent to hosts. */
export const opensshEnvironment = (askpass?: string): NodeJS.ProcessEnv => ({
  ...Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^(LANG|LANGUAGE|LC_.*)$/.test(name))),
  ...(askpass !== undefined && { SSH_ASKPASS: askpass, SSH_ASKPASS_REQUIRE: "force" }),
});
