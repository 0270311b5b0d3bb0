/** Words of Ansible's playbooks that users will try, and what to do instead. */
const instead: Readonly<Record<string, string>> = {
  gather_facts: "facts are asked where they are needed; leave it out",
  handlers: "tasks look whether there is something to do; put them into tasks",
  notify: "tasks look whether there is something to do; leave it out",
  roles: "write the tasks out",
  block: "put when: on each task",
  loop: "write one task each, or give a task its list",
  with_items: "write one task each, or give a task its list",
  remote_user: "set user: in the inventory, or give -u",
  shell: "use command, or script for what needs a shell",
};

/** The end of a message about an unknown word, if it is one of Ansible's. */
export const ansibleHint = (word: string): string | undefined => (Object.hasOwn(instead, word) ? `: ${instead[word]}` : undefined);
