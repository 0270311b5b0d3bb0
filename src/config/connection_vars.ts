/** The variables that say how a host is reached: kofleet's own name first, then Ansible's; the first one given in the highest place counts. */
export const connectionVars = {
  host: ["host", "ansible_host", "ansible_ssh_host"],
  port: ["port", "ansible_port", "ansible_ssh_port"],
  user: ["user", "ansible_user", "ansible_ssh_user"],
  password: ["password", "ansible_password", "ansible_ssh_password", "ansible_ssh_pass"],
  privateKeyFile: ["private_key_file", "ansible_private_key_file", "ansible_ssh_private_key_file"],
  privateKeyPassphrase: ["private_key_passphrase", "ansible_private_key_passphrase", "ansible_ssh_private_key_passphrase"],
  connection: ["transport", "connection", "ansible_connection"],
  jumps: ["jump_host", "jumps"],
  proxyCommand: ["proxy_command"],
  forwardAgent: ["forward_agent"],
  sshConfig: ["ssh_config"],
  sshArguments: ["ansible_ssh_args"],
  sshCommonArguments: ["ansible_ssh_common_args"],
  sshExtraArguments: ["ansible_ssh_extra_args"],
  hostKeyPolicy: ["host_key_policy"],
  hostKeyChecking: ["ansible_host_key_checking", "ansible_ssh_host_key_checking"],
  knownHosts: ["known_hosts"],
  timeout: ["timeout", "ansible_timeout", "ansible_ssh_timeout"],
  become: ["become", "ansible_become"],
  becomeMethod: ["become_method", "ansible_become_method"],
  becomeUser: ["become_user", "ansible_become_user", "ansible_sudo_user"],
  becomePassword: ["become_password", "ansible_become_password", "ansible_become_pass", "ansible_sudo_pass"],
} as const satisfies Readonly<Record<string, readonly string[]>>;

/** What can be said of a connection. */
export type ConnectionVar = keyof typeof connectionVars;

const secrets: ReadonlySet<string> = new Set([
  ...connectionVars.password,
  ...connectionVars.privateKeyPassphrase,
  ...connectionVars.becomePassword,
]);

/** Whether a variable of this name is kept as a Secret from the moment it is read. */
export const isSecretVar = (name: string): boolean => secrets.has(name);
