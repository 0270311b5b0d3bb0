// SPDX-License-Identifier: GPL-2.0-only
/* kofleet's example module: it does nothing but say in /proc/kofleet_example which version of it is loaded. */

#include <linux/module.h>
#include <linux/proc_fs.h>
#include <linux/seq_file.h>

#define NAME "kofleet_example"
#define VERSION "@MODULE_VERSION@" /* kofleet puts the manifest's version here */

static int show_version(struct seq_file *file, void *unused)
{
	seq_puts(file, NAME " " VERSION "\n");
	return 0;
}

static int __init kofleet_example_init(void)
{
	return proc_create_single(NAME, 0444, NULL, show_version) ? 0 : -ENOMEM;
}

static void __exit kofleet_example_exit(void)
{
	remove_proc_entry(NAME, NULL);
}

module_init(kofleet_example_init);
module_exit(kofleet_example_exit);

MODULE_LICENSE("GPL");
MODULE_AUTHOR("the kofleet project");
MODULE_DESCRIPTION("Says in /proc/kofleet_example which version of it is loaded");
MODULE_VERSION(VERSION);
