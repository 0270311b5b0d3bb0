// SPDX-License-Identifier: GPL-2.0-only
/* Reads a variable and calls a function that the kernel does not export, by their distance from kfree, which it does export. */

#include <linux/mm.h>
#include <linux/module.h>
#include <linux/proc_fs.h>
#include <linux/seq_file.h>
#include <linux/slab.h>

#include "symbol_addresses.h"

#define NAME "kofleet_offset"
#define VERSION "@MODULE_VERSION@" /* kofleet puts the manifest's version here */

/* NULL where the symbol map of the build had not both: the kernel's image moves as a whole, so their distance stays. */
#define REACH(symbol) \
	((void *)(ADDRESS_OF_kfree && ADDRESS_OF_##symbol ? \
		  (unsigned long)&kfree + (long)(ADDRESS_OF_##symbol - ADDRESS_OF_kfree) : 0))

static const char *banner = REACH(linux_banner);

/* What /proc/version says, and what /proc/meminfo says as CommitLimit. */
static int show_reached(struct seq_file *file, void *unused)
{
	unsigned long (*commit_limit)(void) = REACH(vm_commit_limit);

	seq_puts(file, NAME " " VERSION "\n");
	if (commit_limit)
		seq_printf(file, "vm_commit_limit %lu kB\n", commit_limit() << (PAGE_SHIFT - 10));
	else
		seq_puts(file, "vm_commit_limit not reached\n");
	seq_printf(file, "linux_banner %s", banner ? banner : "not reached\n");
	return 0;
}

static int __init kofleet_offset_init(void)
{
	return proc_create_single(NAME, 0444, NULL, show_reached) ? 0 : -ENOMEM;
}

static void __exit kofleet_offset_exit(void)
{
	remove_proc_entry(NAME, NULL);
}

module_init(kofleet_offset_init);
module_exit(kofleet_offset_exit);

MODULE_LICENSE("GPL");
MODULE_AUTHOR("the kofleet project");
MODULE_DESCRIPTION("Says in /proc/" NAME " what it reads from symbols that the kernel does not export");
MODULE_VERSION(VERSION);
